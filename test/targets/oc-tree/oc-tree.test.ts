import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { digestOf, hexOf } from '../../../src/oci/digest.ts';
import type { Finding } from '../../../src/internal/finding.ts';
import { convertToTree, type ConvertProgress, type TreeResult } from '../../../src/verbs/convert.ts';
import { installBundle } from '../../../src/verbs/install.ts';
import { plannedAs, plannedFile, plannedImage } from '../../support/planned/items.ts';
import { replaceCall, systemFailure } from '../../support/disk/replaced-call.ts';
import { mountStick } from '../../support/peers/stick.ts';
import { startRegistry } from '../../support/registry/registry.ts';
import { sampleBundle } from '../../support/samples/sample-bundle.ts';
import { sampleImage } from '../../support/samples/sample-image.ts';
import { folderForm, ocTreeForm } from '../../support/samples/saved-forms.ts';
import { RELEASES, startOpenshiftSite } from '../../support/sites/openshift-site.ts';
import { startBench } from '../../support/sites/source-context.ts';
import { resolveDocument } from '../../support/sites/spec-document.ts';
import { NOBODY } from '../../support/surroundings.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { problemsOf } from '../../support/thrown.ts';
import { filesUnder, modeOf, namesUnder } from '../../support/tree.ts';

const APP = sampleImage({ name: 'app', layers: 2 });
const BOTH = sampleImage({ name: 'both', platforms: ['linux/amd64', 'linux/arm64'] });
const APP_NAME = 'registry.lab/team/app:1';
const APP_PLACE = 'registry.lab/team/app';
const sample = sampleBundle([
  plannedAs(APP_NAME, APP),
  plannedAs('quay.io/other/copy:2', APP),
  plannedAs('docker.io/lab/both:3', BOTH),
  plannedFile('notes.txt'),
]);

function desk(): { readonly at: (...path: readonly string[]) => string } {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  writeFileSync(join(folder.path, 'lab.tar'), sample.tar);
  return { at: (...path) => join(folder.path, ...path) };
}

async function converted(
  at: ReturnType<typeof desk>['at'],
  options: { readonly platform?: string } = {},
): Promise<TreeResult & { readonly findings: readonly Finding[] }> {
  const findings: Finding[] = [];
  const result = await convertToTree(
    { path: at('lab.tar'), out: at('mirror') },
    { ...NOBODY, host: { platform: options.platform ?? 'linux', arch: 'x64' } },
    { onFinding: (finding) => findings.push(finding) },
  );
  return { ...result, findings };
}

/** Reads a tree as `images: [{ archive: … }]` does; returns name and digest of each image. */
async function readAgain(folder: string): Promise<readonly string[]> {
  await using bench = await startBench();
  const items = await resolveDocument({ images: [{ archive: './mirror' }] }, bench.context, folder);
  return items.map(({ item }) => `${item.name} ${item.descriptor.digest}`).sort();
}

describe('a tree of oc', () => {
  it.each([
    ['linux', 'links'],
    ['win32', 'windows'],
  ] as const)('on %s has, file by file, what oc writes', async (platform, style) => {
    const { at } = desk();
    const result = await converted(at, { platform });
    for (const [image, place] of [
      [APP, `${APP_PLACE}:1`],
      [APP, 'quay.io/other/copy:2'],
      [BOTH, 'lab/both:3'],
    ] as const)
      folderForm(ocTreeForm(image, place, style), at(`as-oc/${place.replace(':', '/')}`));
    for (const [place] of [[`${APP_PLACE}/1`], ['quay.io/other/copy/2'], ['lab/both/3']]) {
      const wanted = at('as-oc', place ?? '');
      for (const [path, text] of Object.entries(filesUnder(wanted)))
        expect(readFileSync(at('mirror', path), 'latin1')).toBe(text);
      const links = namesUnder(wanted).filter((name) => lstatSync(join(wanted, name)).isSymbolicLink());
      expect(links).toHaveLength(1);
      for (const name of links)
        expect(readlinkSync(at('mirror', name))).toBe(readlinkSync(join(wanted, name)));
    }
    expect(result).toMatchObject({ root: sample.plan.root, form: 'oc-mirror-dir', path: at('mirror') });
    expect(result.repositories.map(({ name, tags, lists }) => [name, tags, lists])).toEqual([
      ['lab/both', ['3'], true],
      ['quay.io/other/copy', ['2'], false],
      [APP_PLACE, ['1'], false],
    ]);
    expect(result.findings.map(({ message }) => message)).toEqual([
      '1 item left out, which no registry takes, such as "notes.txt"',
    ]);
    expect(readdirSync(at('')).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('is read again with the same digests, and takes each blob of the disk once', async () => {
    const { at } = desk();
    const { bytes, blobs } = await converted(at);
    expect(await readAgain(at(''))).toEqual(
      [
        `localhost/${APP_PLACE}:1 ${APP.root.digest}`,
        `localhost/quay.io/other/copy:2 ${APP.root.digest}`,
        `localhost/lab/both:3 ${BOTH.root.digest}`,
      ].sort(),
    );
    const inodes = new Map<number, number>();
    for (const name of Object.keys(filesUnder(at('mirror')))) {
      const { ino, size } = lstatSync(at('mirror', name));
      inodes.set(ino, size);
      expect(modeOf(at('mirror', name))).toBe('600');
    }
    expect(inodes.size).toBe(blobs);
    expect([...inodes.values()].reduce((sum, size) => sum + size, 0)).toBe(bytes);
    const manifest = at('mirror/v2', APP_PLACE, 'manifests', APP.root.digest);
    // In two repositories, as blob and as manifest.
    expect(lstatSync(manifest).nlink).toBe(4);
    expect(modeOf(at('mirror/v2', APP_PLACE, 'blobs'))).toBe('755');
  });

  it('has images that are named by digest alone as manifests, and says so', async () => {
    const { at } = desk();
    const name = `registry.lab/by-digest@${APP.root.digest}`;
    writeFileSync(at('lab.tar'), sampleBundle([plannedAs(name, APP)]).tar);
    const { repositories } = await converted(at);
    expect(repositories).toEqual([
      { name: 'registry.lab/by-digest', tags: [], untagged: [APP.root.digest], lists: false },
    ]);
    expect(readdirSync(at('mirror/v2/registry.lab/by-digest/manifests'))).toEqual([APP.root.digest]);
  });

  it('continues where it was stopped, hashes what is there, and is not seen before it is whole', async () => {
    const { at } = desk();
    const stop = new AbortController();
    const wish = { path: at('lab.tar'), out: at('mirror') };
    const ears = {
      signal: stop.signal,
      onProgress: (step: ConvertProgress): void => {
        if (step.phase === 'convert' && step.doneBlobs === 6) stop.abort();
      },
    };
    await expect(convertToTree(wish, NOBODY, ears)).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(readdirSync(at(''))).toEqual(['lab.tar', 'mirror.partial']);
    const [damaged = ''] = Object.keys(filesUnder(at('mirror.partial')));
    writeFileSync(at('mirror.partial', damaged), Buffer.alloc(lstatSync(at('mirror.partial', damaged)).size));
    mkdirSync(at('mirror.partial/v2/old/blobs'), { recursive: true });
    writeFileSync(at('mirror.partial/v2/old/blobs/x'), 'of another bundle');
    symlinkSync('nowhere', at('mirror.partial/oci-layout'));
    const { reusedBytes, fetchedBytes, bytes } = await converted(at);
    expect(reusedBytes).toBeGreaterThan(0);
    expect(reusedBytes + fetchedBytes).toBe(bytes);
    expect(readdirSync(at('mirror/v2')).sort()).toEqual(['lab', 'quay.io', 'registry.lab']);
    expect(readdirSync(at('mirror'))).toEqual(['v2']);
    for (const path of Object.keys(filesUnder(at('mirror'))))
      expect(digestOf(readFileSync(at('mirror', path)))).toBe(path.replace(/^.*\//, ''));
  });

  it('replaces one of the same images, damaged or not, and nothing else', async () => {
    const { at } = desk();
    await converted(at);
    const blob = at('mirror/v2', APP_PLACE, 'blobs', APP.root.digest);
    writeFileSync(blob, 'damaged');
    await converted(at);
    expect(digestOf(readFileSync(blob))).toBe(APP.root.digest);
    writeFileSync(at('mirror/v2/other'), 'of somebody');
    expect(await problemsOf(converted(at))).toEqual([
      expect.stringMatching(
        /^ERR_OUTPUT_UNWRITABLE .*it holds "v2\/other", which is not part of the new tree/,
      ),
    ]);
    expect(readFileSync(at('mirror/v2/other'), 'utf8')).toBe('of somebody');
  });

  it('is not made of a damaged bundle, whose blob is named with its image', async () => {
    const { at } = desk();
    const bytes = Buffer.from(sample.tar);
    const layer = APP.blobs[0]?.bytes ?? Buffer.alloc(0);
    const place = bytes.indexOf(layer);
    bytes.writeUInt8((bytes[place] ?? 0) ^ 1, place);
    writeFileSync(at('lab.tar'), bytes);
    expect(await problemsOf(converted(at))).toEqual([
      expect.stringMatching(
        /^ERR_DIGEST_MISMATCH Cannot verify blob ".*" of image "quay.io\/other\/copy:2" and image "registry.lab\/team\/app:1": /,
      ),
    ]);
    expect(readdirSync(at(''))).not.toContain('mirror');
  });

  it.each([
    [
      'that holds no image',
      [plannedFile('a.txt')],
      /^ERR_CONTENT_NOT_FOUND .*holds nothing that a registry takes/,
    ],
    [
      'with tags that are one on this disk',
      [plannedImage('registry.lab/a:1'), plannedImage('registry.lab/a/manifests/1:2')],
      /^ERR_OUTPUT_UNWRITABLE Cannot make link /,
    ],
  ])('is not made of a bundle %s', async (_, samples, problem) => {
    const { at } = desk();
    writeFileSync(at('lab.tar'), sampleBundle(samples).tar);
    expect(await problemsOf(converted(at))).toEqual([expect.stringMatching(problem)]);
    expect(readdirSync(at(''))).not.toContain('mirror');
  });

  it.each([
    ['linux', 'symlink', 'EPERM', /its filesystem lacks links or names with ":"/],
    ['linux', 'link', 'EPERM', /its filesystem lacks links or names with ":"/],
    ['linux', 'open', 'EINVAL', /its filesystem lacks links or names with ":"/],
    ['win32', 'symlink', 'EPERM', /this user may not make symbolic links there/],
  ] as const)(
    'needs links: on %s, where %s fails, says so and leaves nothing',
    async (platform, call, code, fact) => {
      const { at } = desk();
      using _broken = replaceCall(call, async ([path], honest) => {
        if (call === 'open' && !String(path).includes('.probe')) return await honest();
        throw systemFailure(code);
      });
      expect(await problemsOf(converted(at, { platform }))).toEqual([expect.stringMatching(fact)]);
      expect(readdirSync(at(''))).toEqual(['lab.tar']);
    },
  );

  it('is named without a slash at its end, and needs a name', async () => {
    const { at } = desk();
    const { path } = await convertToTree({ path: at('lab.tar'), out: `${at('mirror')}/` }, NOBODY);
    expect(path).toBe(at('mirror'));
    expect(readdirSync(at(''))).toEqual(['lab.tar', 'mirror']);
    expect(await problemsOf(convertToTree({ path: at('lab.tar'), out: '.' }, NOBODY))).toEqual([
      expect.stringMatching(/^ERR_OUTPUT_UNWRITABLE .*a folder with a name is needed/),
    ]);
  });

  it('does not fit on a stick without links, which is said before anything is written', async (context) => {
    using stick = mountStick(context, 'vfat', 48 * 1024 ** 2);
    const { at } = desk();
    const wish = { path: at('lab.tar'), out: join(stick.path, 'mirror') };
    expect(await problemsOf(convertToTree(wish, NOBODY))).toEqual([
      expect.stringMatching(/^ERR_OUTPUT_UNWRITABLE .*its filesystem lacks links or names with ":"/),
    ]);
    expect(readdirSync(stick.path)).toEqual([]);
  });
});

describe('the tree of a release', () => {
  it('has the tags, digests and signature of an install to a registry and of oc', async () => {
    const site = await startOpenshiftSite();
    const image = await site.release({
      version: '4.20.3',
      architectures: ['amd64', 'arm64'],
      tag: '4.20.3-multi',
    });
    await site.build(`openshift: { releases: ["${RELEASES}:4.20.3-multi"], keys: [keys.asc] }\n`);
    const path = join(site.folder, 'lab.tar');
    const out = join(site.folder, 'mirror');
    const { repositories } = await convertToTree({ path, out }, NOBODY);
    await using registry = await startRegistry();
    const surroundings = { ...NOBODY, home: site.folder };
    await installBundle({ path, targets: { registry: [registry.host] } }, surroundings);
    const tags = ['4.20.3', ...['', '-cli', '-etcd', '-installer'].map((end) => `4.20.3-multi${end}`)];
    expect(repositories).toEqual([{ name: 'openshift/release', tags, untagged: [], lists: true }]);
    const folder = join(out, 'v2/openshift/release/manifests');
    for (const tag of tags) {
      const digest = readlinkSync(join(folder, tag));
      expect(digest).toBe(registry.content.manifest('openshift/release', tag)?.digest);
      expect(digestOf(readFileSync(join(folder, tag)))).toBe(digest);
    }
    for (const { descriptor } of image.manifests) expect(readdirSync(folder)).toContain(descriptor.digest);
    const hex = hexOf(image.root.digest);
    const map: unknown = JSON.parse(
      readFileSync(join(out, `config/signature-sha256-${hex.slice(0, 16)}.json`), 'utf8'),
    );
    expect(map).toMatchObject({
      kind: 'ConfigMap',
      metadata: { name: `sha256-${hex}`, namespace: 'openshift-config-managed' },
      binaryData: { [`sha256-${hex}-1`]: expect.any(String) },
    });
    expect(modeOf(join(out, 'config'))).toBe('750');
    expect(await readAgain(site.folder)).toHaveLength(tags.length);
  });
});
