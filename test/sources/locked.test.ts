import { afterAll, describe, expect, it } from 'vitest';
import type { PlannedItem } from '../../src/bundle/format/item.ts';
import { planBundle } from '../../src/bundle/plan/plan.ts';
import { SaddlebagError } from '../../src/internal/error.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { locked } from '../../src/sources/locked.ts';
import { recorded } from '../../src/sources/recorded.ts';
import type { ImageUpstream, Questions, WebUpstream } from '../../src/sources/questions.ts';
import { createWebUpstream } from '../../src/sources/web/upstream.ts';
import { encodeLock } from '../../src/spec/lock/encode.ts';
import type { Lock } from '../../src/spec/lock/lock.ts';
import { CATALOGUE } from '../../src/sources/k3s/catalogue.ts';
import { sampleImage } from '../support/samples/sample-image.ts';
import { parseWholeLock, sampleLock, sampleSections } from '../support/samples/sample-lock.ts';
import { impatientClient, type SourceBench, startBench } from '../support/sites/source-context.ts';
import { resolveDocument, type SpecDocument } from '../support/sites/spec-document.ts';
import { problemsOf, thrownBy } from '../support/thrown.ts';

const IMAGES = {
  'rancher/rancher:v2.9.2': sampleImage({ name: 'rancher', platforms: ['linux/amd64', 'linux/arm64'] }),
  'busybox:1.36': sampleImage({ name: 'busybox' }),
};
const MOVED = {
  ...IMAGES,
  'rancher/rancher:v2.9.2': sampleImage({ name: 'moved', platforms: ['linux/amd64', 'linux/arm64'] }),
};
const client = impatientClient();
afterAll(() => client[Symbol.asyncDispose]());

/** Returns a web that remembers nothing of an earlier run. */
function freshWeb(): WebUpstream {
  return createWebUpstream(client);
}

function specOf(bench: SourceBench, more: SpecDocument = {}): SpecDocument {
  return {
    platforms: ['linux/amd64'],
    images: ['rancher/rancher:v2.9.2', 'busybox:1.36'],
    rancherDesktop: {
      versions: ['stable', '1.31.2', 'v1.20.15+k3s1', 'v1.31.2+k3s1'],
      platforms: ['darwin/arm64'],
      kubectl: 'minimal',
    },
    k3s: { versions: ['v1.30.6+k3s1'], architectures: ['amd64'] },
    kubectl: { versions: ['1.15.12', '1.36.3'], platforms: ['linux/amd64'] },
    files: [{ url: `${bench.upstream.url}/files/tool.tar.gz` }],
    ...more,
  };
}

/** Resolves a spec with questions of one's own. */
async function resolveWith(
  questions: Questions,
  bench: SourceBench,
  more: SpecDocument = {},
): Promise<readonly PlannedItem[]> {
  const { images, web, ask } = questions;
  return await resolveDocument(specOf(bench, more), { ...bench.context, images, web, ask });
}

/** Resolves a spec live and returns the lock, as it is when it has been written and read. */
async function lockOf(bench: SourceBench, more: SpecDocument = {}): Promise<Lock> {
  const recording = recorded(bench.context);
  await resolveWith(recording, bench, more);
  return parseWholeLock(encodeLock(recording.lockOf('lab')), 'lab.lock.json');
}

function rootOf(items: readonly PlannedItem[]): string {
  return planBundle('lab', items).root;
}

describe('recorded', () => {
  it('changes no answer', async () => {
    await using bench = await startBench({ images: IMAGES });
    await using other = await startBench({ images: IMAGES });
    const live = await resolveWith(other.context, other);
    const recording = await resolveWith(recorded(bench.context), bench);
    expect(rootOf(recording)).toBe(rootOf(live));
    expect(bench.warnings.map(({ message }) => message.replaceAll(bench.upstream.url, ''))).toEqual(
      other.warnings.map(({ message }) => message.replaceAll(other.upstream.url, '')),
    );
    expect(bench.asked().toSorted()).toEqual(other.asked().toSorted());
  });

  it('pins every reference, URL, answer, channel and release', async () => {
    await using bench = await startBench({ images: IMAGES });
    const { references, urls, answers, sections } = await lockOf(bench);
    const k3s = sections.get(CATALOGUE.section);
    const { url } = bench.upstream;
    expect([...references.keys()]).toEqual([
      'docker.io/library/busybox:1.36',
      'docker.io/rancher/rancher:v2.9.2',
    ]);
    const tool = 'a tool, packed\n';
    expect(urls.get(`${url}/files/tool.tar.gz`)).toEqual({ digest: digestOf(tool), size: tool.length });
    expect(urls.get(`${url}/kubernetes/release/v1.20.15/bin/darwin/arm64/kubectl.sha256`)).toBeNull();
    expect(answers.get(`${url}/kubernetes/release/stable-1.21.txt`)).toBe('v1.21.14');
    expect(k3s?.get('channels')?.get('stable')).toBe('v1.36.3+k3s1');
    expect(k3s?.get('releases')?.get('v1.36.1+k3s1')).toBe('');
    expect(k3s?.get('releases')?.get('v1.30.6+k3s1')).toBe('amd64 arm arm64');
    expect(urls.keys().some((key) => key.includes('/repos/'))).toBe(false);
  });

  it('pins the list of releases only when it was asked for', async () => {
    await using bench = await startBench({ images: IMAGES });
    const { sections } = await lockOf(bench, { rancherDesktop: undefined });
    expect([...sections]).toEqual([]);
  });

  it('pins every download of the plan, so that no byte depends on anything else', async () => {
    await using bench = await startBench({ images: IMAGES });
    const recording = recorded(bench.context);
    const items = await resolveWith(recording, bench);
    const { urls } = recording.lockOf('lab');
    const downloads = items.flatMap(({ blobs }) =>
      blobs.flatMap(({ descriptor, origin }) =>
        origin.type === 'url' ? [{ descriptor, url: origin.url }] : [],
      ),
    );
    expect(downloads.length).toBeGreaterThan(10);
    for (const { descriptor, url } of downloads)
      expect(urls.get(url)).toEqual({ digest: descriptor.digest, size: descriptor.size });
  });

  it('makes the same lock whatever order the answers come in', async () => {
    await using one = await startBench({ images: IMAGES });
    await using two = await startBench({ images: IMAGES, pageSize: 3 });
    const text = async (bench: SourceBench): Promise<string> =>
      encodeLock(await lockOf(bench)).replaceAll(bench.upstream.url, '');
    expect(await text(two)).toBe(await text(one));
  });

  it('keeps the user and the query of a URL out of the lock', async () => {
    await using bench = await startBench({ images: IMAGES });
    const url = `${bench.upstream.url.replace('//', '//me:s3cret@')}/files/tool.tar.gz?token=s3cret`;
    const text = encodeLock(await lockOf(bench, { files: [{ url }] }));
    expect(text).toContain('/files/tool.tar.gz?query-sha256=');
    expect(text).not.toContain('s3cret');
  });

  it('refuses two checksums for one address', async () => {
    await using bench = await startBench({ images: IMAGES });
    const url = `${bench.upstream.url}/files/tool.tar.gz`;
    const files = ['a', 'b'].map((name) => ({ url, name, sha256: name.repeat(64) }));
    const problems = await problemsOf(resolveWith(recorded(bench.context), bench, { files }));
    expect(problems).toEqual([
      expect.stringMatching(
        /^ERR_DIGEST_MISMATCH Cannot lock ".*tool\.tar\.gz": it is both "sha256:[ab]{64}" and/,
      ),
    ]);
  });
});

describe('locked', () => {
  it('gives the very plan that was locked, whatever moved upstream since', async () => {
    await using bench = await startBench({ images: { ...MOVED, ...IMAGES } });
    const recording = recorded(bench.context);
    const before = await resolveWith(recording, bench);
    const lock = parseWholeLock(encodeLock(recording.lockOf('lab')), 'lab.lock.json');
    const { faults } = bench.upstream;
    faults.add({ path: '/v1-release/channels', answer: { status: 500 } });
    faults.add({ path: '/repos/k3s-io/k3s/releases', answer: { status: 403 } });
    faults.add({ path: /stable-1/, answer: { status: 200, body: 'v1.99.99' } });
    faults.add({ path: '/files/tool.tar.gz', answer: { status: 200, body: 'another tool' } });
    faults.add({ path: /install\.sh/, answer: { status: 200, body: '#!/bin/sh\n' } });
    await using later = await startBench({ images: MOVED });
    // The moved registry still has what the old tag stood for, as registries do.
    const { images: old } = bench.context;
    const document: ImageUpstream['document'] = (...question) => old.document(...question);
    const images = { ...later.context.images, document };
    const live = { images, web: freshWeb() };
    const after = await resolveWith(locked(lock, live), bench);
    expect(rootOf(after)).toBe(rootOf(before));
  });

  it('asks for documents alone: no reference, no size, no list', async () => {
    await using bench = await startBench({ images: IMAGES });
    const lock = await lockOf(bench);
    const before = bench.asked().length;
    await resolveWith(locked(lock, { images: bench.context.images, web: freshWeb() }), bench);
    const asked = bench.asked().slice(before);
    expect(asked.length).toBeGreaterThan(0);
    expect(
      asked.filter(
        (request) => !/^GET .*(sha256sum-\w+\.txt|k3s-images\.txt|\.sha256|\.sha512)$/.test(request),
      ),
    ).toEqual([]);
  });

  it('warns of the same things', async () => {
    await using bench = await startBench({ images: IMAGES });
    const lock = await lockOf(bench);
    const live = bench.warnings.map(({ message, hint }) => `${message} ${hint}`);
    await resolveWith(locked(lock, bench.context), bench);
    expect(live.length).toBeGreaterThan(1);
    expect(bench.warnings.slice(live.length).map(({ message, hint }) => `${message} ${hint}`)).toEqual(live);
  });

  it('names everything that the spec asks for and the lock lacks, in one report', async () => {
    await using bench = await startBench({ images: IMAGES });
    const lock = await lockOf(bench);
    const { url } = bench.upstream;
    const more: SpecDocument = {
      images: ['rancher/rancher:v2.9.3', 'rancher/rancher:v2.9.2'],
      k3s: { versions: ['v1.32.1+k3s1', 'v1.40.0+k3s1', 'nightly', '1.39.1'], architectures: ['amd64'] },
      kubectl: { versions: ['1.29.3'], platforms: ['linux/amd64'] },
      files: [{ url: `${url}/files/notes.txt` }],
    };
    const before = bench.asked().length;
    const resolving = resolveWith(locked(lock, bench.context), bench, more);
    const error = await thrownBy(resolving);
    expect([error.code, error.message]).toEqual([
      'ERR_LOCK_INCOMPLETE',
      'Cannot resolve "lab": there are 7 problems',
    ]);
    expect((await problemsOf(resolving)).toSorted()).toEqual(
      [
        'Cannot find K3s version "1.39.1": it is not in the lock',
        'Cannot find K3s version "nightly": it is not in the lock',
        'Cannot find K3s version "v1.40.0+k3s1": it is not in the lock',
        `Cannot resolve "${url}/files/notes.txt": it is not in the lock`,
        `Cannot resolve "${url}/k3s-io/k3s/releases/download/v1.32.1%2Bk3s1/sha256sum-amd64.txt": it is not in the lock`,
        `Cannot resolve "${url}/kubernetes/release/v1.29.3/bin/linux/amd64/kubectl.sha256": it is not in the lock`,
        'Cannot resolve image "docker.io/rancher/rancher:v2.9.3": it is not in the lock',
      ].map((message) => `ERR_LOCK_INCOMPLETE ${message}`),
    );
    expect(
      bench
        .asked()
        .slice(before)
        .filter((request) => request.startsWith('HEAD')),
    ).toEqual([]);
  });

  it('says so when the list of releases was never locked', async () => {
    await using bench = await startBench({ images: IMAGES });
    const lock = await lockOf(bench, { rancherDesktop: undefined });
    const more = {
      rancherDesktop: undefined,
      k3s: { versions: ['stable'], architectures: ['amd64' as const] },
    };
    expect(await problemsOf(resolveWith(locked(lock, bench.context), bench, more))).toEqual([
      'ERR_LOCK_INCOMPLETE Cannot resolve the list of K3s releases: it is not in the lock',
    ]);
  });

  it('takes a checksum in the spec that is not that of the lock for a question of its own', async () => {
    await using bench = await startBench({ images: IMAGES });
    const lock = await lockOf(bench);
    const url = `${bench.upstream.url}/files/tool.tar.gz`;
    const files = [{ url, sha256: 'a'.repeat(64) }];
    expect(await problemsOf(resolveWith(locked(lock, bench.context), bench, { files }))).toEqual([
      `ERR_LOCK_INCOMPLETE Cannot resolve "${url}": the spec asks for "sha256:${'a'.repeat(64)}", and the lock has "${digestOf('a tool, packed\n')}"`,
    ]);
  });

  it('does not answer for a URL that differs in its query alone', async () => {
    await using bench = await startBench({ images: IMAGES });
    const url = `${bench.upstream.url}/files/tool.tar.gz`;
    const lock = await lockOf(bench, { files: [{ url: `${url}?version=1` }] });
    for (const other of [url, `${url}?version=2`]) {
      const problems = await problemsOf(
        resolveWith(locked(lock, bench.context), bench, { files: [{ url: other }] }),
      );
      expect(problems).toEqual([`ERR_LOCK_INCOMPLETE Cannot resolve "${url}": it is not in the lock`]);
    }
  });

  it('refuses a document that changed at its URL, with both digests', async () => {
    await using bench = await startBench({ images: IMAGES });
    const lock = await lockOf(bench);
    const path = '/k3s-io/k3s/releases/download/v1.30.6+k3s1/sha256sum-amd64.txt';
    bench.upstream.faults.add({ path, answer: { status: 200, body: `${'0'.repeat(64)}  k3s\n` } });
    const live = { images: bench.context.images, web: freshWeb() };
    const [problem, ...others] = await problemsOf(resolveWith(locked(lock, live), bench));
    const was = digestOf(bench.upstream.content(path) ?? '');
    expect(problem).toContain(
      `as it was locked: expected "${was}", found "${digestOf(`${'0'.repeat(64)}  k3s\n`)}"`,
    );
    expect(problem).toMatch(/^ERR_DIGEST_MISMATCH Cannot use ".*v1\.30\.6%2Bk3s1\/sha256sum-amd64\.txt"/);
    expect(others).toEqual([]);
  });

  it.each([
    ['a checksum', /v1\.36\.3\/bin\/linux\/amd64\/kubectl\.sha256$/],
    ['a list of images', /v1\.31\.2\+k3s2\/k3s-images\.txt$/],
    ['a sums file', /v1\.30\.6\+k3s1\/sha256sum-amd64\.txt$/],
  ])('does not take %s that is gone for one that never was', async (_, path) => {
    await using bench = await startBench({ images: IMAGES });
    const lock = await lockOf(bench);
    bench.upstream.faults.add({ path, answer: { status: 404 } });
    const live = { images: bench.context.images, web: freshWeb() };
    expect(await problemsOf(resolveWith(locked(lock, live), bench))).toEqual([
      expect.stringMatching(
        /^ERR_CONTENT_NOT_FOUND Cannot find ".*" as it was locked: nothing is there any more/,
      ),
    ]);
  });

  it('leaves out what was not there when it was locked, even when it has come since', async () => {
    await using bench = await startBench({ images: IMAGES });
    const lock = await lockOf(bench);
    bench.upstream.faults.add({
      path: /v1\.20\.15\/bin\/darwin\/arm64\/kubectl\.sha256/,
      answer: { status: 200, body: 'a'.repeat(64) },
    });
    const items = await resolveWith(locked(lock, { images: bench.context.images, web: freshWeb() }), bench);
    expect(items.map(({ item }) => item.name)).not.toContain('v1.20.15 darwin/arm64');
  });

  it('names reference and digest of an image that is gone', async () => {
    await using bench = await startBench({ images: IMAGES });
    const lock = await lockOf(bench);
    const missing = new SaddlebagError('ERR_CONTENT_NOT_FOUND', 'Cannot fetch manifest "x": it is not there');
    const images = { ...bench.context.images, document: () => Promise.reject(missing) };
    const problems = await problemsOf(resolveWith(locked(lock, { images, web: bench.context.web }), bench));
    const { digest } = IMAGES['rancher/rancher:v2.9.2'].root;
    expect(problems).toContain(
      `ERR_CONTENT_NOT_FOUND Cannot find image "docker.io/rancher/rancher:v2.9.2" as it was locked: "docker.io" no longer has "${digest}"`,
    );
    expect(problems).toHaveLength(2);
  });

  it('passes on what does not concern the lock, such as a network that fails', async () => {
    await using bench = await startBench({ images: IMAGES });
    const lock = await lockOf(bench);
    bench.upstream.faults.add({ path: /sha256sum/, answer: { status: 500 } });
    const live = { images: bench.context.images, web: freshWeb() };
    const codes = (await problemsOf(resolveWith(locked(lock, live), bench))).map(
      (text) => text.split(' ')[0],
    );
    expect(new Set(codes)).toEqual(new Set(['ERR_HTTP_STATUS']));
  });

  it('drops what is not a release from a hostile list', async () => {
    const sections = sampleSections({
      channels: new Map([['stable', null]]),
      releases: new Map([['v99.9.9+k3s1', 'amd64 x arm64']]),
    });
    await using bench = await startBench();
    expect(await locked(sampleLock({ sections }), bench.context).ask(CATALOGUE, undefined)).toEqual({
      distribution: CATALOGUE.distribution,
      releases: [{ tag: 'v99.9.9+k3s1', architectures: ['amd64', 'arm64'] }],
      channels: new Map([['stable', '']]),
      locked: true,
    });
  });
});
