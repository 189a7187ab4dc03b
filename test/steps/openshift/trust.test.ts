import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Bundle, OpenBundle } from '../../../src/bundle/bundle.ts';
import type { Item } from '../../../src/bundle/format/item.ts';
import { openBundle } from '../../../src/bundle/open.ts';
import { streamOf } from '../../../src/internal/bytes.ts';
import { layerOf } from '../../../src/oci/artifact.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { fetchDocument } from '../../../src/oci/verified.ts';
import { releaseFaults } from '../../../src/steps/openshift/trust.ts';
import { installBundle } from '../../../src/verbs/install.ts';
import { verifyBundle } from '../../../src/verbs/verify.ts';
import { composeMessage, handMadeKey } from '../../support/openpgp.ts';
import { plannedAs } from '../../support/planned/items.ts';
import { startRegistry } from '../../support/registry/registry.ts';
import { layeredImage, payloadLayer, releaseClaim } from '../../support/samples/openshift-release.ts';
import { sampleBundle } from '../../support/samples/sample-bundle.ts';
import { artifactSample } from '../../support/samples/target-samples.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { type OpenshiftSite, RELEASES, startOpenshiftSite } from '../../support/sites/openshift-site.ts';
import { problemsOf } from '../../support/thrown.ts';

const NOW = Date.parse('2026-06-01T00:00:00Z');
const PART = `openshift: { releases: ["${RELEASES}:4.20.3-x86_64"], keys: [keys.asc] }\n`;

async function built(part = PART): Promise<{ readonly site: OpenshiftSite; readonly path: string }> {
  const site = await startOpenshiftSite();
  const { root } = await site.release({ version: '4.20.3', signed: 'nothing' });
  // Valid for a century.
  site.sign(root.digest, composeMessage(releaseClaim(root.digest), site.key, { lifetime: 3_155_760_000 }));
  return { site, path: (await site.build(part)).path };
}

type Release = Extract<Item, { readonly kind: 'openshift' }>;

/** Returns a bundle in which the release item says something else. */
function saying(bundle: OpenBundle, changes: Partial<Release>): Bundle {
  const items = bundle.document.items.map((item) =>
    item.kind === 'openshift' ? { ...item, ...changes } : item,
  );
  return { ...bundle, document: { ...bundle.document, items } };
}

/** Returns a bundle in which a file of the release item has other content. */
async function holding(
  bundle: OpenBundle,
  name: RegExp,
  change: (bytes: Uint8Array) => Uint8Array,
): Promise<Bundle> {
  const [item] = bundle.document.items.filter(({ kind }) => kind === 'openshift');
  if (item === undefined) throw new Error('expected a release');
  const forged = new Map<string, Uint8Array>();
  const files = await Promise.all(
    (await bundle.files(item)).map(async (file) => {
      if (!name.test(file.name)) return file;
      const bytes = change(await fetchDocument(bundle, layerOf(file), { limit: 1e6 }));
      const descriptor = { digest: digestOf(bytes), size: bytes.length };
      forged.set(descriptor.digest, bytes);
      return { ...file, descriptor };
    }),
  );
  return {
    ...bundle,
    files: async () => files,
    fetchWhole: undefined,
    fetch: (target, options) => {
      const bytes = forged.get(target.digest);
      return bytes === undefined ? bundle.fetch(target, options) : streamOf(bytes, options?.offset);
    },
  };
}

describe('the releases of a bundle', () => {
  it('are trusted as they were built', async () => {
    const { path } = await built();
    await using bundle = await openBundle(path, {});
    expect(await releaseFaults(bundle, { now: NOW })).toEqual([]);
  });

  it.each<readonly [string, (bundle: OpenBundle) => Bundle | Promise<Bundle>, RegExp]>([
    ['keys that nobody trusts', (bundle) => saying(bundle, { keys: undefined }), /is not trusted/],
    ['keys of somebody else', (bundle) => saying(bundle, { keys: ['0'.repeat(40)] }), /is not trusted/],
    [
      'another image',
      (bundle) => saying(bundle, { image: `${RELEASES}@sha256:${'0'.repeat(64)}` }),
      /is not in the bundle/,
    ],
    ['another version', (bundle) => saying(bundle, { version: '4.20.9' }), /its image is OpenShift 4\.20\.3/],
    [
      'other components',
      async (bundle) =>
        await holding(bundle, /^image-references$/, (bytes) =>
          Buffer.from(Buffer.from(bytes).toString().replace('etcd', 'evil')),
        ),
      /its "image-references" is not the one of its image/,
    ],
    [
      'other metadata',
      async (bundle) =>
        await holding(bundle, /^release-metadata$/, (bytes) => Buffer.concat([bytes, Buffer.from(' ')])),
      /its "release-metadata" is not the one of its image/,
    ],
    [
      'a signature of other content',
      async (bundle) =>
        await holding(bundle, /^sha256-/, () =>
          composeMessage(releaseClaim(`sha256:${'0'.repeat(64)}`), handMadeKey()),
        ),
      /is not trusted/,
    ],
    [
      'a keyring of somebody else',
      async (bundle) => await holding(bundle, /^keyring-/, () => handMadeKey().keyring),
      /is not trusted/,
    ],
    [
      'a damaged keyring',
      async (bundle) => await holding(bundle, /^keyring-/, () => Buffer.from('none')),
      /is not trusted/,
    ],
  ])('are refused with %s', async (_, forge, message) => {
    const { path } = await built();
    await using bundle = await openBundle(path, {});
    const faults = await releaseFaults(await forge(bundle), { now: NOW });
    expect(faults.map(({ code, message: text }) => `${code} ${text}`)).toEqual([
      expect.stringMatching(
        new RegExp(
          `^ERR_SIGNATURE_INVALID Cannot trust OpenShift release "4.20.3-x86_64": .*${message.source}`,
        ),
      ),
    ]);
  });

  it('are refused once their signature has expired', async () => {
    const { path } = await built();
    await using bundle = await openBundle(path, {});
    expect(await releaseFaults(bundle, { now: Date.parse('2200-01-01T00:00:00Z') })).toMatchObject([
      { message: expect.stringContaining('it expired at') },
    ]);
  });

  it('may be unsigned where the builder said so', async () => {
    const site = await startOpenshiftSite();
    await site.release({ version: '4.20.3', signed: 'nothing' });
    const { path } = await site.build(PART.replace('keys:', 'unsigned: true, keys:'));
    await using bundle = await openBundle(path, {});
    expect(await releaseFaults(bundle, { now: NOW })).toEqual([]);
    expect(await releaseFaults(saying(bundle, { unsigned: undefined }), { now: NOW })).toMatchObject([
      { message: expect.stringContaining('it has no signature of its image') },
    ]);
  });

  it.each([0, 60, 500])(
    'are passed over where their image is damaged: %i bytes into its payload',
    async (offset) => {
      const site = await startOpenshiftSite();
      const image = await site.release({ version: '4.20.3' });
      const { path } = await site.build(PART);
      const tar = readFileSync(path);
      const payload = image.blobs.at(-1)?.bytes ?? Buffer.alloc(0);
      const at = tar.indexOf(payload) + offset;
      tar[at] = (tar[at] ?? 0) ^ 0xff;
      writeFileSync(path, tar);
      const surroundings = { env: {}, home: site.folder, host: { platform: 'linux', arch: 'x64' } };
      const { problems } = await verifyBundle({ path, workers: 1 }, surroundings);
      expect(problems.map(({ code }) => code)).toEqual(['ERR_DIGEST_MISMATCH']);
    },
  );

  it('stop verify and install when a signature does not count', async () => {
    using scratch = temporaryFolder();
    const path = join(scratch.path, 'forged.tar');
    writeFileSync(path, forgedBundle());
    const surroundings = { env: {}, home: scratch.path, host: { platform: 'linux', arch: 'x64' } };
    const message = /Cannot trust OpenShift release "4\.20\.3-x86_64": it is by the key/;
    expect(await verifyBundle({ path, workers: 1 }, surroundings)).toMatchObject({
      ok: false,
      problems: [{ code: 'ERR_SIGNATURE_INVALID', message: expect.stringMatching(message) }],
    });
    await using registry = await startRegistry();
    const install = installBundle({ path, targets: { registry: [registry.host] } }, surroundings);
    expect(await problemsOf(install)).toEqual([expect.stringMatching(message)]);
    expect(registry.log.entries.every(({ method }) => ['GET', 'HEAD'].includes(method))).toBe(true);
  });
});

/** Returns a bundle that is whole, and whose release was signed by a key that nobody named. */
function forgedBundle(): Uint8Array {
  const key = handMadeKey();
  const components = { cli: `quay.io/a/b@sha256:${'1'.repeat(64)}` };
  const payload = payloadLayer({ version: '4.20.3', components });
  const image = layeredImage({ layers: [payload] });
  const name = `${RELEASES}@${image.root.digest}`;
  const named = (file: string): Buffer =>
    Buffer.from(payload.find((entry) => entry.path.endsWith(file))?.bytes ?? '');
  const release = artifactSample(
    {
      kind: 'openshift',
      name: '4.20.3-x86_64',
      version: '4.20.3',
      architecture: 'amd64',
      image: name,
      audience: ['files'],
    },
    [
      ...['image-references', 'release-metadata'].map((file) => ({ name: file, bytes: named(file) })),
      { name: 'keyring-1', bytes: key.keyring },
      {
        name: `sha256-${image.root.digest.slice(7)}-1`,
        bytes: composeMessage(releaseClaim(image.root.digest), key),
      },
    ],
  );
  return sampleBundle([plannedAs(name, image), release]).tar;
}
