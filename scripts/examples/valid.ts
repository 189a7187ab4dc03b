import { cutVolumes } from '../../src/archive/volumes/volumes.ts';
import { deltaOf } from '../../src/bundle/plan/delta.ts';
import { blobPath, LAYOUT } from '../../src/bundle/format/layout.ts';
import { signPlan } from '../../src/bundle/plan/sign-plan.ts';
import { signatureBy } from '../../src/bundle/signing/signature.ts';
import type { BundlePlan } from '../../src/bundle/plan/plan.ts';
import type { About } from '../../src/oci/about/about.ts';
import { type Digest, digestOf, hexOf } from '../../src/oci/digest.ts';
import { packTar } from '../../test/support/samples/sample-bundle.ts';
import { rawTar } from '../../test/support/archives/raw-tar.ts';
import { packZipOf } from '../../test/support/samples/sample-zip.ts';
import {
  ALL,
  exampleKey,
  type Files,
  filesOf,
  filesOfPlan,
  FOLDER,
  HELLO,
  IMAGE,
  NEWER_IMAGE,
  planOfSamples,
  UNKNOWN,
} from './content.ts';
import { p256Signature } from './p256.ts';
import { documentOf, withDocument } from './forge.ts';
import { type Example, single } from './example.ts';

/** Seed of the key that signs the signed examples. */
export const SIGNER = 'the key of the examples, which everybody knows';
/** All that can be told about a bundle. */
const ABOUT: About = {
  title: 'Lab of August',
  description: 'All that the lab needs: 東京 and Zürich.',
  version: '2026.8',
  licences: ['Apache-2.0', 'MIT OR BSD-3-Clause'],
  contact: 'Lab <lab@example.org>',
  url: 'https://example.org/lab?month=8',
  labels: { site: 'north', 'example.org/wave': '2', Site: 'another label' },
};
/** Path of its public key. */
export const PUBLIC_KEY = 'keys/example.pub';
/** Path of the public key of the example that is signed with P-256. */
const P256_KEY = 'keys/example-p256.pub';

/** Bundles that every reader must accept. */
export async function validExamples(): Promise<readonly Example[]> {
  const all = filesOf(ALL);
  const few = filesOf([HELLO, IMAGE]);
  const { privateKey, publicPem } = exampleKey(SIGNER);
  const signed = filesOfPlan(signPlan(planOfSamples([HELLO]), privateKey), [HELLO]);
  const p256 = p256Signature(signed.get(LAYOUT.document) ?? Buffer.alloc(0));
  const old = planOfSamples([IMAGE], { name: 'old' });
  const hello = planOfSamples([HELLO], { name: 'september' });
  const has = (plan: BundlePlan): ((digest: Digest) => boolean) => {
    return (digest) => plan.blobs.values().some((blob) => blob.descriptor.digest === digest);
  };
  const delta = deltaOf(planOfSamples([IMAGE, NEWER_IMAGE], { name: 'new' }), [
    {
      root: old.root,
      name: old.document.name,
      has: has(old),
    },
  ]);
  const both = deltaOf(planOfSamples([HELLO, IMAGE], { name: 'october' }), [
    { root: hello.root, name: 'september', has: has(hello), requires: [old.root] },
    { root: old.root, name: 'old', has: has(old) },
  ]);
  const named = planOfSamples([HELLO], { name: 'ä'.repeat(65) });
  const dated = planOfSamples([HELLO], { created: '2026-08-20T14:05:00Z' });
  return [
    { ...single('valid/hello.tar', tarOf(filesOf([HELLO]))), what: 'one file' },
    {
      ...single('valid/long-name.tar', tarOf(filesOfPlan(named, [HELLO]))),
      what: 'one whose name is too long for its README.txt',
    },
    {
      ...single('valid/folder.tar', tarOf(filesOf([FOLDER]))),
      what: 'a folder with links and an empty folder',
    },
    { ...single('valid/empty.tar', tarOf(filesOf([]))), what: 'no item at all' },
    { ...single('valid/all-kinds.tar', tarOf(all)), what: 'an item of each kind' },
    { ...single('valid/all-kinds.zip', await packZipOf(all)), what: 'the same bundle as a zip' },
    { ...folder('valid/all-kinds', all), what: 'the same bundle as a directory' },
    {
      ...inVolumes('valid/volumes.tar', tarOf(few), 8192),
      what: 'a file and an image, as a tar in volumes of 8 KiB',
    },
    {
      ...inVolumes('valid/volumes.zip', await packZipOf(few), 10_000),
      what: 'the same bundle as a zip in volumes of 10 000 bytes',
    },
    {
      ...folder('valid/directory-with-volumes', cutLarge(few, 1500)),
      what: 'the same bundle as a directory in which no file is larger than 1500 bytes',
    },
    {
      ...single('valid/dated.tar', tarOf(filesOfPlan(dated, [HELLO]))),
      what: 'one that says when it was built',
    },
    {
      path: 'valid/signed.tar',
      files: new Map([
        ['valid/signed.tar', tarOf(signed)],
        [PUBLIC_KEY, Buffer.from(publicPem)],
      ]),
      what: 'one that is signed with Ed25519',
      key: PUBLIC_KEY,
    },
    {
      path: 'valid/signed-p256.tar',
      files: new Map([
        ['valid/signed-p256.tar', tarOf(new Map(signed).set(LAYOUT.signature, padded(p256.text)))],
        [P256_KEY, Buffer.from(p256.publicPem)],
      ]),
      what: 'one that is signed with ECDSA P-256',
      key: P256_KEY,
    },
    {
      ...single('valid/several-signatures.tar', tarOf(severalSignatures())),
      what: 'one with 8 KiB for signatures, and three of them: with Ed25519, with ECDSA P-256, and with what nobody knows yet',
      key: PUBLIC_KEY,
    },
    {
      ...single(
        'valid/room-for-signatures.tar',
        tarOf(filesOfPlan(planOfSamples([HELLO], { signatureRoom: 256 }), [HELLO])),
      ),
      what: 'one with 256 bytes for signatures, and none',
    },
    { ...single('valid/old.tar', tarOf(filesOfPlan(old, [IMAGE]))), what: 'what the delta counts on' },
    {
      ...single('valid/delta.tar', tarOf(filesOfPlan(delta, [IMAGE, NEWER_IMAGE]))),
      what: 'a delta: it has the new layer, and requires the others',
      base: 'valid/old.tar',
    },
    {
      ...single('valid/delta-of-two.tar', tarOf(filesOfPlan(both, [HELLO, IMAGE]))),
      what: 'a delta that counts on two bundles, of which the second is itself a delta of the first',
    },
    {
      ...single('valid/about.tar', tarOf(filesOfPlan(planOfSamples([HELLO], { about: ABOUT }), [HELLO]))),
      what: 'one that tells people about itself',
    },
    {
      ...single('valid/newer-minor.tar', tarOf(newerMinor())),
      what: 'of a later minor version, with members, a file and a blob that are not known yet',
    },
    {
      ...single('valid/unknown-kind.tar', tarOf(filesOf([HELLO, UNKNOWN]))),
      what: 'with an item of a kind that this version does not have',
    },
    {
      ...single('valid/packed-again.tar', packedAgain(filesOf([HELLO]))),
      what: 'a tar as other programs make it: folders, "./" in front, another order, filled up with zeros',
    },
  ];
}

/** Returns a signature in the 128 bytes that a bundle reserves when it states no other room. */
function padded(text: string): Uint8Array {
  return Buffer.from(`${text}\n`.padEnd(128, '\n'));
}

/** Of the right form, by a key that nobody has: a real one would be another each time. */
const P256 = 'p256 sha256:0000000000000000000000000000000000000000000000000000000000000001 MAYCAQECAQE=';

function severalSignatures(): Files {
  const files = filesOfPlan(planOfSamples([HELLO], { signatureRoom: 8192 }), [HELLO]);
  const { signer, text } = signatureBy(
    files.get(LAYOUT.document) ?? Buffer.alloc(0),
    exampleKey(SIGNER).privateKey,
  );
  const future = `future-1 sha256:${'f'.repeat(64)} ${Buffer.alloc(3000, 'future').toString('base64')}`;
  const lines = [future, `ed25519 ${signer.key} ${text}`, P256].join('\n');
  return new Map(files).set(LAYOUT.signature, Buffer.from(`${lines}\n`.padEnd(8192, '\n')));
}

/** Returns files as the tar that a build writes. */
export function tarOf(files: Files): Buffer {
  return packTar(files).tar;
}

/** Returns bytes as volumes, with their checksums beside them. */
export function inVolumes(path: string, bytes: Uint8Array, size: number): Pick<Example, 'path' | 'files'> {
  const files = cut(path, bytes, size);
  return { path: `${path}.001`, files };
}

function cut(path: string, bytes: Uint8Array, size: number): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const sums: string[] = [];
  for (const [index, volume] of cutVolumes(path, bytes.length, size).entries()) {
    const part = bytes.subarray(index * size, index * size + volume.size);
    files.set(volume.file, part);
    sums.push(`${hexOf(digestOf(part))}  ${volume.file.split('/').at(-1) ?? ''}\n`);
  }
  return files.set(`${path}.sha256`, Buffer.from(sums.join('')));
}

function cutLarge(files: Files, size: number): Files {
  return new Map(
    [...files].flatMap(([path, bytes]) =>
      bytes.length > size ? [...cut(path, bytes, size)] : [[path, bytes] as const],
    ),
  );
}

/** Returns files as a directory. @visibleForTesting */
export function folder(path: string, files: Files): Pick<Example, 'path' | 'files'> {
  return { path, files: new Map([...files].map(([name, bytes]) => [`${path}/${name}`, bytes])) };
}

function newerMinor(): Files {
  const news = Buffer.from('what this is, version 1.7 says\n');
  const digest = digestOf(news);
  const files = filesOf([HELLO]);
  const place = { digest, size: news.length };
  const document = documentOf(files);
  const changed = {
    ...document,
    version: '1.7',
    news: { licence: 'x' },
    items: document.items.map((item) => ({ ...item, news: true })),
    files: [...document.files, { path: 'news.txt', ...place }],
    blobs: [...document.blobs, { ...place, news: 1 }],
  };
  const ordered = [...files].flatMap(([path, bytes]) =>
    path === LAYOUT.sums ? [['news.txt', news] as const, [path, bytes] as const] : [[path, bytes] as const],
  );
  return withDocument(new Map([...ordered, [blobPath(digest), news]]), changed);
}

/** What `tar --format=gnu -cf x.tar -C folder .` writes, except for times and owners. */
function packedAgain(files: Files): Buffer {
  const magic = 'ustar  \0';
  const folders = ['.', './blobs', './blobs/sha256'].map((path) => ({ path: `${path}/`, type: '5', magic }));
  const sorted = [...files].sort(([left], [right]) => (left < right ? -1 : 1));
  const entries = sorted.map(([path, bytes]) => ({ path: `./${path}`, bytes, magic }));
  const tar = rawTar([...folders, ...entries].map((entry) => ({ bytes: '', ...entry })));
  const record = 20 * 512;
  return Buffer.concat([tar, Buffer.alloc((record - (tar.length % record)) % record)]);
}
