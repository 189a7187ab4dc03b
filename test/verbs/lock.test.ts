import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildBundle, type BuildWish, type BuildResult } from '../../src/verbs/build.ts';
import type { Finding } from '../../src/internal/finding.ts';
import { lockSpec, type LockWish, type LockResult } from '../../src/verbs/lock.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { failureOf, problemsIn } from '../support/failure.ts';
import { type Lab, startLab } from '../support/sites/lab.ts';
import { sampleImage } from '../support/samples/sample-image.ts';
import type { Ears } from '../../src/steps/ears.ts';
import type { Surroundings } from '../../src/steps/surroundings.ts';
import { NOBODY } from '../support/surroundings.ts';

const PARTS = `platforms: [linux/amd64]
images: [rancher/rancher:v2.9.2]
k3s:
  versions: [stable]
  architectures: [amd64]
`;
const RANCHER = 'docker.io/rancher/rancher:v2.9.2';
const TOOL = '/files/tool.tar.gz';

let lab: Lab;

beforeEach(async () => {
  lab = await startLab();
});
afterEach(() => lab[Symbol.asyncDispose]());

function spec(parts: string = PARTS): string {
  return lab.spec(`${parts}files:\n  - url: ${lab.sites.url}${TOOL}\n`);
}

function surroundings(): Surroundings {
  return { ...NOBODY, home: lab.at('home') };
}

async function lock(
  more: Partial<LockWish & Pick<Surroundings, 'env'>> & Ears = {},
  specPath = spec(),
): Promise<LockResult> {
  const { signal, onFinding, env = {}, ...wish } = more;
  return await lockSpec({ specPath, ...wish }, { ...surroundings(), env }, { signal, onFinding });
}

async function build(more: Partial<BuildWish> & Ears = {}, specPath = spec()): Promise<BuildResult> {
  const { signal, onFinding, ...wish } = more;
  const out = lab.at('lab.tar');
  return await buildBundle({ specPath, out, ...wish }, surroundings(), { signal, onFinding });
}

function bundle(name = 'lab.tar'): string {
  return digestOf(readFileSync(lab.at(name)));
}

function lockText(): string {
  return readFileSync(lab.at('lab.lock.json'), 'utf8');
}

/** Has a tag stand for another image, a channel for another release, and a file for another one. */
async function moveEverything(): Promise<string> {
  const platforms = ['linux/amd64', 'linux/arm64'];
  const moved = sampleImage({ name: 'moved', platforms });
  await lab.internet.seed('rancher/rancher', moved, 'v2.9.2');
  const name = 'stable';
  const data = [{ type: 'channel', name, latest: 'v1.36.2+k3s1' }];
  const channels = JSON.stringify({ resourceType: 'channels', data });
  lab.sites.faults.add({ path: '/v1-release/channels', answer: { status: 200, body: channels } });
  lab.sites.faults.add({ path: TOOL, answer: { status: 200, body: 'another tool\n' } });
  return moved.root.digest;
}

describe('bundle lock', () => {
  it('writes the lock next to the spec and says what is in it', async () => {
    const result = await lock();
    expect(result).toMatchObject({
      path: lab.at('lab.lock.json'),
      items: 3,
      references: 1,
      removed: 0,
      changed: 0,
    });
    const pins = lockText()
      .split('\n')
      .filter((line) => /^ {4,}"/.test(line) && !line.endsWith('{'));
    expect(pins).toHaveLength(result.added);
    expect(lockText()).toContain(`"${RANCHER}": { "mediaType": `);
    expect(readdirSync(lab.at()).toSorted()).toEqual(['home', 'lab.lock.json', 'lab.yaml']);
  });

  it('writes the same bytes again, and then leaves the file alone', async () => {
    await lock();
    const first = lockText();
    const { mtimeNs } = statSync(lab.at('lab.lock.json'), { bigint: true });
    expect(await lock()).toMatchObject({ added: 0, removed: 0, changed: 0, findings: [] });
    expect(statSync(lab.at('lab.lock.json'), { bigint: true }).mtimeNs).toBe(mtimeNs);
    rmSync(lab.at('lab.lock.json'));
    await lock({ concurrency: 1 });
    expect(lockText()).toBe(first);
  });

  it('fetches no image content and no file with a published checksum', async () => {
    await lock();
    expect(lab.internet.log.entries.filter(({ topic }) => topic === 'blob')).toEqual([]);
    const fetched = lab.sites.requests.filter(({ method }) => method === 'GET').map(({ path }) => path);
    expect(fetched.filter((path) => /airgap-images|\/k3s$/.test(path))).toEqual([]);
    expect(fetched).toContain(TOOL);
  });

  it('tells by name what moved, with what it was and is', async () => {
    await lock();
    const was = sampleImage({
      name: 'rancher/rancher:v2.9.2',
      platforms: ['linux/amd64', 'linux/arm64'],
      sharedLayers: ['base'],
    }).root.digest;
    const is = await moveEverything();
    const told: Finding[] = [];
    const result = await lock({ onFinding: (finding) => told.push(finding) });
    expect(told.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      `warning: Image "${RANCHER}" moved: was "${was}", is "${is}"`,
      `warning: "${lab.sites.url}${TOOL}" moved: was "${digestOf('a tool, packed\n')}", is "${digestOf('another tool\n')}"`,
      'warning: K3s channel "stable" moved: was "v1.36.3+k3s1", is "v1.36.2+k3s1"',
    ]);
    expect(result.findings).toEqual(told);
    expect(result.changed).toBe(3);
  });

  it('drops what the spec no longer asks for', async () => {
    await lock();
    const result = await lock({}, spec('images: [rancher/shell:v0.2.1]\n'));
    expect(result).toMatchObject({ added: 1, findings: [] });
    expect(result.removed).toBeGreaterThan(10);
    expect(lockText()).not.toContain('k3s');
  });

  it('writes where it is told to, through a link too', async () => {
    mkdirSync(lab.at('locks'));
    writeFileSync(lab.at('locks', 'real.json'), '');
    rmSync(lab.at('locks', 'real.json'));
    await lock({ lockPath: lab.at('locks', 'real.json') });
    symlinkSync(lab.at('locks', 'real.json'), lab.at('lab.lock.json'));
    await moveEverything();
    await lock();
    expect(lstatSync(lab.at('lab.lock.json')).isSymbolicLink()).toBe(true);
    expect(readFileSync(lab.at('locks', 'real.json'), 'utf8')).toContain(digestOf('another tool\n'));
    expect(readdirSync(lab.at('locks'))).toEqual(['real.json']);
  });

  it('writes nothing when something cannot be resolved', async () => {
    await lock();
    const before = lockText();
    const error = await failureOf(() =>
      lock({}, spec(`images: ["${lab.internet.host}/rancher/nothing:v1"]\n`)),
    );
    expect(error.code).toBe('ERR_UPSTREAM_NOT_FOUND');
    expect(lockText()).toBe(before);
  });

  it('never holds a credential, neither of a URL nor of a registry nor of GitHub', async () => {
    const url = `${lab.sites.url.replace('//', '//me:s3cret@')}${TOOL}?token=s3cret`;
    const path = lab.spec(`${PARTS}files:\n  - url: ${url}\n`);
    const configs = `  configs:\n    "${lab.internet.host}": { auth: { username: me, password: "\${P}" } }\n`;
    writeFileSync(path, readFileSync(path, 'utf8').replace('upstreams:', `${configs}upstreams:`));
    await lock({ env: { P: 's3cret', GITHUB_TOKEN: 's3cret' } }, path);
    expect(lockText()).not.toContain('s3cret');
    expect(lockText()).not.toContain('me:');
  });

  it.each([
    ['of another spec', '{"lock":1,"name":"other","references":{},"urls":{},"answers":{}}'],
    ['of a later version', '{"lock":2}'],
    ['that is none', '{"dependencies": {}}'],
    ['that is broken', '{"lock": 1,'],
  ])('does not overwrite a lock %s, and asks nobody anything', async (_, text) => {
    const path = spec();
    writeFileSync(lab.at('lab.lock.json'), text);
    for (const task of [() => lock({}, path), () => build({}, path), () => build({ locked: true }, path)])
      expect((await failureOf(task)).code).toBe('ERR_LOCK_INVALID');
    expect(lockText()).toBe(text);
    expect(lab.sites.requests).toEqual([]);
  });

  it('says before it asks anybody that the lock has no place', async () => {
    const error = await failureOf(() => lock({ lockPath: lab.at('no', 'lab.lock.json') }));
    expect(error.code).toBe('ERR_OUTPUT_UNWRITABLE');
    expect(error.hint).toContain('--lock FILE');
    expect(lab.sites.requests).toEqual([]);
  });

  it('leaves the lock that was there when the new one cannot be completed', async () => {
    const path = spec();
    mkdirSync(lab.at('lab.lock.json'));
    const error = await failureOf(() => lock({}, path));
    expect(error.message).toContain('it is a folder');
    expect(readdirSync(lab.at()).toSorted()).toEqual(['home', 'lab.lock.json', 'lab.yaml']);
  });

  it('wants a place for the lock of a spec that is not a file', async () => {
    const error = await failureOf(() => lock({}, '/dev/null'));
    expect([error.code, error.hint]).toEqual(['ERR_USAGE_INVALID', 'Name one with --lock FILE.']);
  });

  it('stops when it is interrupted, and leaves nothing', async () => {
    lab.sites.faults.add({ path: /sha256sum/, answer: 'stall' });
    const controller = new AbortController();
    const stopped = failureOf(() => lock({ signal: controller.signal }));
    await expect.poll(() => lab.sites.requests.some(({ path }) => path.includes('sha256sum'))).toBe(true);
    controller.abort();
    expect((await stopped).code).toBe('ERR_INTERRUPTED');
    expect(existsSync(lab.at('lab.lock.json'))).toBe(false);
  });
});

describe('bundle lock --check', () => {
  const check = (more: Parameters<typeof lock>[0] = {}, path?: string): Promise<LockResult> =>
    lock({ check: true, ...more }, path);

  it('finds no difference where nothing moved, and leaves the lock alone', async () => {
    await lock();
    const before = lockText();
    const { mtimeNs } = statSync(lab.at('lab.lock.json'), { bigint: true });
    expect(await check()).toMatchObject({ differences: [], added: 0, removed: 0, changed: 0, findings: [] });
    expect(lockText()).toBe(before);
    expect(statSync(lab.at('lab.lock.json'), { bigint: true }).mtimeNs).toBe(mtimeNs);
  });

  it('names what moved, what the lock lacks for that and what it no longer needs, and writes nothing', async () => {
    await lock();
    const before = lockText();
    const digest = await moveEverything();
    const told: Finding[] = [];
    const { differences = [], findings } = await check({ onFinding: (finding) => told.push(finding) });
    const messages = differences.map(({ message }) => message);
    expect(messages).toEqual(
      expect.arrayContaining([
        expect.stringMatching(new RegExp(`^Image "${RANCHER}" moved: was ".*", is "${digest}"$`)),
        'K3s channel "stable" moved: was "v1.36.3+k3s1", is "v1.36.2+k3s1"',
        expect.stringMatching(/^".*v1\.36\.2.*sha256sum-amd64\.txt" is not in the lock$/),
        expect.stringMatching(/^".*v1\.36\.3.*sha256sum-amd64\.txt" is in the lock, and no longer needed$/),
      ]),
    );
    expect([told, findings]).toEqual([differences, differences]);
    expect(lockText()).toBe(before);
    expect(readdirSync(lab.at()).toSorted()).toEqual(['home', 'lab.lock.json', 'lab.yaml']);
  });

  it('says what the spec asks for beyond the lock, and what less', async () => {
    await lock();
    const { differences = [] } = await check(
      {},
      spec(PARTS.replace('v2.9.2]', 'v2.9.2, rancher/shell:v0.2.1]')),
    );
    expect(differences.map(({ message }) => message)).toEqual([
      'Image "docker.io/rancher/shell:v0.2.1" is not in the lock',
    ]);
    const less = await check({}, spec('images: [rancher/rancher:v2.9.2]\n'));
    expect(less.differences).not.toEqual([]);
    expect(less.differences?.every(({ message }) => message.endsWith('no longer needed'))).toBe(true);
  });

  it('wants a lock that is there, before it asks anybody', async () => {
    const path = spec();
    const error = await failureOf(() => check({}, path));
    expect([error.code, error.hint]).toEqual(['ERR_LOCK_INVALID', `Run: bundle lock ${path}`]);
    expect(lab.sites.requests).toEqual([]);
  });
});

describe('bundle build', () => {
  it('writes the lock that bundle lock writes', async () => {
    const { lock: written } = await build();
    const text = lockText();
    expect(written).toMatchObject({ path: lab.at('lab.lock.json'), removed: 0, changed: 0 });
    expect(written?.added).toBeGreaterThan(10);
    rmSync(lab.at('lab.lock.json'));
    await lock();
    expect(lockText()).toBe(text);
  });

  it('is the same with --locked, before and after everything moved, and reads the lock only', async () => {
    const first = await build();
    const [before, text] = [bundle(), lockText()];
    const again = await build({ locked: true, out: lab.at('again.tar') });
    await moveEverything();
    lab.sites.faults.clear();
    lab.sites.faults.add({ path: '/v1-release/channels', answer: { status: 500 } });
    lab.sites.faults.add({ path: '/repos/k3s-io/k3s/releases', answer: { status: 500 } });
    const moved = await build({ locked: true, out: lab.at('moved.tar'), concurrency: 1 });
    expect([again.root, moved.root]).toEqual([first.root, first.root]);
    expect([bundle('again.tar'), bundle('moved.tar')]).toEqual([before, before]);
    expect(moved.lock).toMatchObject({ added: 0, removed: 0, changed: 0 });
    expect(lockText()).toBe(text);
  });

  it('without --locked builds what is there now, tells what moved and renews the lock', async () => {
    const first = await build();
    const digest = await moveEverything();
    const second = await build();
    expect(second.root).not.toBe(first.root);
    expect(second.findings.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(new RegExp(`^Image "${RANCHER}" moved: was "sha256:.*", is "${digest}"$`)),
    );
    expect(lockText()).toContain(digest);
    expect((await build({ locked: true })).root).toBe(second.root);
  });

  it('writes no lock in a dry run, and tells what moved', async () => {
    await build({ dryRun: true });
    expect(existsSync(lab.at('lab.lock.json'))).toBe(false);
    await lock();
    const before = lockText();
    await moveEverything();
    const { findings, lock: changes } = await build({ dryRun: true });
    expect(findings).toHaveLength(3);
    expect(changes).toMatchObject({ changed: 3 });
    expect(lockText()).toBe(before);
  });

  it('pins a file without a checksum: what is sent later is compared with it', async () => {
    await lock();
    lab.sites.faults.add({ path: TOOL, answer: { status: 200, body: 'b tool, packed\n' } });
    const error = await failureOf(() => build({ locked: true }));
    const problems = [error.message, ...problemsIn(error)].join('\n');
    expect(problems).toContain(digestOf('a tool, packed\n'));
    expect(problems).toContain(digestOf('b tool, packed\n'));
    expect(problems).toContain(TOOL);
    expect(existsSync(lab.at('lab.tar'))).toBe(false);
  });

  it('fails with --locked when the spec asks for more, naming all of it and what to do', async () => {
    await lock();
    const more = PARTS.replace('v2.9.2]', 'v2.9.2, rancher/shell:v0.2.1]').replace(
      'stable',
      'stable, testing',
    );
    const error = await failureOf(() => build({ locked: true }, spec(more)));
    expect([error.code, error.hint]).toEqual([
      'ERR_LOCK_INCOMPLETE',
      `Run: bundle lock ${lab.at('lab.yaml')}`,
    ]);
    expect(problemsIn(error)).toEqual([
      'Cannot resolve image "docker.io/rancher/shell:v0.2.1": it is not in the lock',
      expect.stringMatching(
        /^Cannot resolve ".*v1\.37\.0-rc1%2Bk3s1\/sha256sum-amd64\.txt": it is not in the lock$/,
      ),
    ]);
    expect(existsSync(lab.at('lab.tar'))).toBe(false);
  });

  it('builds less from a lock that knows more, and leaves the lock as it is', async () => {
    await lock();
    const text = lockText();
    const { items } = await build({ locked: true }, spec('images: [rancher/rancher:v2.9.2]\n'));
    expect(items).toBe(2);
    expect(lockText()).toBe(text);
  });

  it('says so when --locked finds no lock, and how to get one', async () => {
    const error = await failureOf(() => build({ locked: true }));
    expect([error.code, error.message, error.hint]).toEqual([
      'ERR_LOCK_INVALID',
      `Cannot read lock "${lab.at('lab.lock.json')}": there is no such file`,
      `Run: bundle lock ${lab.at('lab.yaml')}`,
    ]);
    const elsewhere = await failureOf(() => build({ locked: true, lockPath: lab.at('x.json') }));
    expect(elsewhere.hint).toBe(`Run: bundle lock ${lab.at('lab.yaml')} --lock ${lab.at('x.json')}`);
  });

  it('names the reference and the digest that the registry does not have any more', async () => {
    const name = `${lab.internet.host}/rancher/rancher:v2.9.2`;
    const path = spec(`images: ["${name}"]\n`);
    await build({}, path);
    const { manifests, tags } = lab.internet.content.open('rancher/rancher');
    const digest = tags.get('v2.9.2') ?? '';
    await moveEverything();
    manifests.delete(digest);
    // What the bundle there has is not asked for.
    expect(await build({ locked: true }, path)).toMatchObject({ unchanged: true });
    const error = await failureOf(() => build({ locked: true, out: lab.at('elsewhere.tar') }, path));
    expect(error.code).toBe('ERR_CONTENT_NOT_FOUND');
    expect(problemsIn(error)).toEqual([
      expect.stringContaining(
        `Cannot find image "${name}" as it was locked: "${lab.internet.host}" no longer has "${digest}" | `,
      ),
    ]);
  });
});
