import { blobPath, LAYOUT } from '../../src/bundle/format/layout.ts';
import { planBundle } from '../../src/bundle/plan/plan.ts';
import {
  encodeArtifact,
  EMPTY_CONFIG,
  EMPTY_CONFIG_BYTES,
  type ArtifactFile,
} from '../../src/oci/artifact.ts';
import { type Descriptor } from '../../src/oci/descriptor.ts';
import { isRecord } from '../../src/internal/json.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../src/oci/media-type.ts';
import type { PlannedSample } from '../../test/support/planned/items.ts';
import { type Files, filesOf, filesOfPlan, HELLO, IMAGE, INDEX, sealed, planOfSamples } from './content.ts';
import { type Example, invalid } from './example.ts';
import { documentOf, textOf, withDocument, withHeadFile } from './forge.ts';
import { withOrphan } from './invalid-documents.ts';
import { invalidSignatures } from './invalid-signatures.ts';
import { tarOf } from './valid.ts';

const INVALID = 'ERR_BUNDLE_INVALID';

/** Intact archives with a valid `bundle.json` whose content does not match it. */
export function invalidContent(): readonly Example[] {
  return [...layouts(), ...heads(), ...items(), ...invalidSignatures()];
}

function layouts(): readonly Example[] {
  const files = filesOf([HELLO]);
  const path = blobPath(digestOf('Hello from the other side of the gap\n'));
  const content = files.get(path) ?? Buffer.alloc(0);
  const of = (name: string, changed: Files, about: Parameters<typeof invalid>[2]): Example =>
    invalid(`${name}.tar`, tarOf(changed), about);
  return [
    of('B-LAYOUT-2-missing-blob', without(files, path), {
      what: 'without one of its blobs',
      code: 'ERR_CONTENT_NOT_FOUND',
      says: path,
    }),
    of('B-LAYOUT-2-no-signature-file', without(files, LAYOUT.signature), {
      what: 'without the file that a signature goes to',
      code: 'ERR_CONTENT_NOT_FOUND',
      says: LAYOUT.signature,
    }),
    of('B-LAYOUT-2-no-bundle-json', without(files, LAYOUT.document), {
      what: 'an OCI layout that is no bundle',
      code: INVALID,
      says: 'it holds no "bundle.json"',
    }),
    of('B-LAYOUT-3-extra-file', new Map(files).set('.DS_Store', Buffer.from('x')), {
      what: 'with a file that was added on the way',
      code: INVALID,
      says: '".DS_Store"',
    }),
    of('B-LAYOUT-3-extra-blob', new Map(files).set(blobPath(digestOf('x')), Buffer.from('x')), {
      what: 'with a blob that is not listed',
      code: INVALID,
      says: 'does not list it',
    }),
    of('B-LAYOUT-4-longer-blob', new Map(files).set(path, Buffer.concat([content, Buffer.from('!')])), {
      what: 'with a blob that is longer than listed',
      code: 'ERR_SIZE_MISMATCH',
      says: `expected ${content.length} bytes, found ${content.length + 1}`,
    }),
    of('B-LAYOUT-5-changed-blob', new Map(files).set(path, Buffer.from(content).fill('h', 0, 1)), {
      what: 'with a blob in which one letter was changed',
      code: 'ERR_DIGEST_MISMATCH',
      says: 'expected digest',
    }),
    of(
      'B-LAYOUT-11-other-text',
      withHeadFile(files, LAYOUT.readme, textOf(files, LAYOUT.readme).replace('sha256sum', 'bash')),
      {
        what: 'with a README.txt that tells people something else',
        code: INVALID,
        says: 'not the text that every bundle has',
      },
    ),
    of(
      'B-LAYOUT-11-other-name',
      withHeadFile(files, LAYOUT.readme, textOf(filesOfNamed('other'), LAYOUT.readme)),
      {
        what: 'with the README.txt of another bundle',
        code: INVALID,
        says: 'not the text that every bundle has',
      },
    ),
    of('B-LAYOUT-2-no-readme', without(files, LAYOUT.readme), {
      what: 'without the page for people',
      code: 'ERR_CONTENT_NOT_FOUND',
      says: LAYOUT.readme,
    }),
    of(
      'B-LAYOUT-6-other-layout-version',
      withHeadFile(files, LAYOUT.ociLayout, '{"imageLayoutVersion":"2.0.0"}\n'),
      {
        what: 'an OCI layout of another version',
        code: INVALID,
        says: 'not the mark of an OCI image layout',
      },
    ),
  ];
}

function heads(): readonly Example[] {
  const files = filesOf([HELLO, IMAGE]);
  const index = textOf(files, LAYOUT.index);
  const list = textOf(files, LAYOUT.dockerList);
  const sums = textOf(files, LAYOUT.sums);
  const head = (path: string) => {
    return (name: string, what: string, change: readonly [text: string, says: string]): Example => {
      const [text, says] = change;
      return invalid(`${name}.tar`, tarOf(withHeadFile(files, path, text)), { what, code: INVALID, says });
    };
  };
  const inIndex = head(LAYOUT.index);
  const inList = head(LAYOUT.dockerList);
  const name = 'docker.io/library/hello';
  const lines = sums.split('\n');
  const wrongSums = (slug: string, what: string, text: string): Example =>
    invalid(`B-SUMS-2-${slug}.tar`, tarOf(new Map(files).set(LAYOUT.sums, Buffer.from(text))), {
      what,
      code: sums.length === text.length ? 'ERR_DIGEST_MISMATCH' : 'ERR_SIZE_MISMATCH',
      says: `"${LAYOUT.sums}"`,
    });
  return [
    inIndex('B-INDEX-1-item-left-out', 'with an index.json that lacks an item', [
      index.replace(/,\n {4}\{[^]*?\n {4}\}(?=\n {2}\])/, ''),
      'is not listed as',
    ]),
    inIndex('B-INDEX-1-other-digest', 'with an index.json that has another digest for an item', [
      index.replace(/"sha256:[0-9a-f]{64}"/, `"sha256:${'0'.repeat(64)}"`),
      'is not listed as',
    ]),
    inIndex('B-INDEX-1-other-size', 'with an index.json that has another size for an item', [
      index.replace(/"size": \d+/, '"size": 1'),
      'is not listed as',
    ]),
    inIndex('B-INDEX-1-stranger', 'with an index.json that lists an item twice', [
      index.replace(/(\{\n {6}[^]*?\n {4}\}),/, '$1,\n    $1,'),
      'which bundle.json does not have',
    ]),
    inIndex('B-INDEX-7-other-platform', 'with an index.json that says what an item runs on', [
      index.replace(/("size": \d+)/, '$1,\n      "platform": { "architecture": "s390x", "os": "linux" }'),
      'manifests[0] does not follow',
    ]),
    inIndex('B-INDEX-7-more-members', 'with an index.json that has a member more', [
      index.replace('{\n', '{\n  "annotations": { "a": "b" },\n'),
      'a member of it does not follow',
    ]),
    inIndex('B-INDEX-7-other-order', 'with an index.json in another order', [
      turned(index),
      'manifests[0] does not follow',
    ]),
    inIndex('B-INDEX-2-other-name', 'with an index.json that gives the image another name', [
      index.replaceAll(`${name}:1.0`, `${name}:9.9`),
      'is not listed as',
    ]),
    inIndex('B-INDEX-2-two-names', 'with an index.json that has two names for one image', [
      index.replace(
        `"io.containerd.image.name": "${name}`,
        '"io.containerd.image.name": "evil.example/hello',
      ),
      'is not listed as',
    ]),
    inIndex('B-INDEX-3-named-artifact', 'with an index.json that names an artifact', [
      index.replace(
        /("artifactType": "[^"]*")/,
        '$1,\n      "annotations": { "org.opencontainers.image.ref.name": "hello.txt" }',
      ),
      'as "hello.txt"',
    ]),
    inIndex('B-INDEX-5-repeated-member', 'with an index.json that some programs read in another way', [
      index.replace('{\n', '{\n  "Manifests": [],\n'),
      '"manifests" twice',
    ]),
    inList('B-INDEX-4-foreign-content', 'with a manifest.json that points at a file of the host', [
      '[{"Config":"../../etc/passwd","RepoTags":[],"Layers":[]}]\n',
      'content that belongs to no image',
    ]),
    inList('B-INDEX-4-layer-left-out', 'with a manifest.json that lacks a layer', [
      list.replace(/("Layers": \[\s*)"[^"]*",/, '$1'),
      'belongs to no image',
    ]),
    inList('B-INDEX-4-layers-turned', 'with a manifest.json that has the layers in another order', [
      list.replace(/("Layers": \[\s*)("[^"]*"),\s*("[^"]*")/, '$1$3, $2'),
      'belongs to no image',
    ]),
    inList('B-INDEX-4-no-layers', 'with a manifest.json without layers', [
      list.replace(/"Layers": \[[^\]]*\]/, '"Layers": []'),
      'belongs to no image',
    ]),
    inList('B-INDEX-4-other-config', 'with a manifest.json that has a layer for a config', [
      list.replace(/("Config": )"[^"]*"([^]*?"Layers": \[\s*)("[^"]*")/, '$1$3$2$3'),
      'belongs to no image',
    ]),
    inList('B-INDEX-4-no-names', 'with a manifest.json without a member for names', [
      list.replace(/"RepoTags": \[[^\]]*\],/, ''),
      'not as docker save writes it',
    ]),
    inList('B-INDEX-4-more-members', 'with a manifest.json that has a member more', [
      list.replace('"RepoTags"', '"Parent": "x",\n    "RepoTags"'),
      'not as docker save writes it',
    ]),
    inList('B-INDEX-4-name-twice', 'with a manifest.json that gives a name twice', [
      list.replace(/("docker[^"]*")/, '$1, $1'),
      'twice',
    ]),
    inList('B-INDEX-5-byte-order-mark', 'with a mark in front of manifest.json', [
      `\ufeff${list}`,
      'not JSON',
    ]),
    inIndex('B-INDEX-5-not-json', 'with an index.json that is cut short', [index.slice(0, -9), 'not JSON']),
    inList('B-INDEX-4-other-name', 'with a manifest.json that gives the image another name', [
      list.replace(`${name}:1.0`, `${name}:latest`),
      'to another image',
    ]),
    wrongSums(
      'changed-sum',
      'with a line of SHA256SUMS that is wrong',
      sums.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
    ),
    wrongSums('line-left-out', 'with a SHA256SUMS that lacks a line', lines.toSpliced(3, 1).join('\n')),
    wrongSums(
      'other-order',
      'with the lines of SHA256SUMS in another order',
      [lines[1], lines[0], ...lines.slice(2)].join('\n'),
    ),
  ];
}

/** A delta of an index that counts on another bundle for one of its manifests. */
function manifestElsewhere(): Example {
  const files = filesOf([INDEX]);
  const { items: own, blobs, ...document } = documentOf(files);
  const manifest = INDEX.contents.findLast(
    ({ descriptor }) => descriptor.mediaType === MEDIA_TYPE.ociManifest,
  );
  const digest = manifest?.descriptor.digest ?? digestOf('');
  const isElsewhere = (blob: Readonly<Record<string, unknown>>): boolean => blob['digest'] === digest;
  const requires = [{ root: digestOf('old'), name: 'old', blobs: blobs.filter(isElsewhere) }];
  const held = blobs.filter((blob) => !isElsewhere(blob));
  const delta = { ...document, items: own, blobs: held, requires };
  return invalid(
    'B-DELTA-8-manifest-elsewhere.tar',
    tarOf(withDocument(without(files, blobPath(digest)), delta)),
    {
      what: 'a delta that counts on another bundle for a manifest',
      code: INVALID,
      says: 'the delta requires it',
    },
  );
}

function items(): readonly Example[] {
  const files = filesOf([HELLO]);
  const text = Buffer.from('Hello\n');
  const hello = { name: 'hello.txt', descriptor: { digest: digestOf(text), size: text.length } };
  const last = documentOf(files).blobs.at(-1)?.['digest'];
  const lacking = { ...documentOf(files), blobs: documentOf(files).blobs.slice(0, -1) };
  const lackingFiles = without(files, `blobs/sha256/${String(last).slice(7)}`);
  const kind = documentOf(files).items.map((item) => ({ ...item, kind: 'k3s-versions' }));
  const artifact = (
    name: string,
    what: string,
    change: readonly [file: ArtifactFile, says: string],
  ): Example => {
    const [file, says] = change;
    return invalid(`${name}.tar`, tarOf(ofFiles([file], text)), { what, code: INVALID, says });
  };
  return [
    manifestElsewhere(),
    invalid('B-ITEM-1-missing-layer.tar', tarOf(withDocument(lackingFiles, lacking)), {
      what: 'with an item whose content is not listed',
      code: INVALID,
      says: 'which bundle.json does not list',
    }),
    invalid(
      'B-ITEM-2-other-artifact-type.tar',
      tarOf(withDocument(files, { ...documentOf(files), items: kind })),
      {
        what: 'with an artifact that is not of its kind',
        code: INVALID,
        says: 'is not of the type "application/vnd.saddlebag.k3s-versions.v1"',
      },
    ),
    artifact('B-ITEM-3-escaping-title', 'with a file that would be placed elsewhere', [
      { ...hello, name: '../evil' },
      'the component ".."',
    ]),
    artifact('B-ITEM-3-long-title', 'with a title of 5000 bytes', [
      { ...hello, name: 'a/'.repeat(2500) },
      'longer than 255 bytes',
    ]),
    artifact('B-ITEM-3-device-title', 'with a file that is a device on Windows', [
      { ...hello, name: 'aux.txt' },
      'Windows device',
    ]),
    invalid('B-ITEM-3-two-titles.tar', tarOf(ofFiles([hello, { ...hello, name: 'HELLO.TXT' }], text)), {
      what: 'with two files that many filesystems take for one',
      code: INVALID,
      says: 'treat the two as one',
    }),
    invalid('B-ITEM-7-hollow-image.tar', tarOf(hollowImage()), {
      what: 'with an index of which no manifest is there',
      code: INVALID,
      says: 'none of the 2 manifests',
    }),
    invalid('B-ITEM-4-orphan.tar', tarOf(withOrphan(files)), {
      what: 'with a blob that no item needs',
      code: INVALID,
      says: 'no item of bundle.json needs it',
    }),
  ];
}

/** Returns an `index.json` with its entries from the last to the first. */
function turned(index: string): string {
  const value: unknown = JSON.parse(index);
  const list: unknown = isRecord(value) ? value['manifests'] : undefined;
  return JSON.stringify({ ...Object(value), manifests: Array.isArray(list) ? list.toReversed() : [] });
}

/** A two-platform index that claims to be narrowed and has lost both platforms. */
function hollowImage(): Files {
  const root = INDEX.planned.item.descriptor.digest;
  const contents = INDEX.contents.filter(({ descriptor }) => descriptor.digest === root);
  const blobs = INDEX.planned.blobs.filter(({ descriptor }) => descriptor.digest === root);
  const item = { ...INDEX.planned.item, kind: 'image', platforms: ['linux/s390x'] } as const;
  const sample: PlannedSample = { planned: { item, blobs }, contents };
  return filesOfPlan(planBundle('example', [sample.planned]), [sample]);
}

function ofFiles(list: readonly ArtifactFile[], bytes: Uint8Array): Files {
  const manifest = encodeArtifact('application/vnd.saddlebag.file.v1', list);
  const [file] = list;
  const contents: { descriptor: Descriptor; bytes: Uint8Array }[] = [
    { descriptor: EMPTY_CONFIG, bytes: EMPTY_CONFIG_BYTES },
    { descriptor: { mediaType: 'application/octet-stream', ...(file?.descriptor ?? EMPTY_CONFIG) }, bytes },
    manifest,
  ];
  const blobs = contents.map((content) => ({
    descriptor: content.descriptor,
    origin: { type: 'bytes', bytes: content.bytes } as const,
  }));
  const item = {
    kind: 'file',
    name: 'hello.txt',
    descriptor: manifest.descriptor,
    audience: ['files'],
  } as const;
  const sample: PlannedSample = { planned: { item, blobs }, contents };
  return sealed(filesOfPlan(planBundle('example', [sample.planned]), [sample]));
}

function filesOfNamed(name: string): Files {
  return filesOfPlan(planOfSamples([HELLO], { name }), [HELLO]);
}

function without(files: Files, path: string): Map<string, Uint8Array> {
  return new Map([...files].filter(([one]) => one !== path));
}
