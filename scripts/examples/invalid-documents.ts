import { blobPath, LAYOUT } from '../../src/bundle/format/layout.ts';
import { encodeJson } from '../../src/internal/json.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { type Files, filesOf, HELLO, sealed } from './content.ts';
import { type Example, invalid } from './example.ts';
import { documentOf, type RawDocument, textOf, withDocument } from './forge.ts';
import { tarOf } from './valid.ts';

const ZEROS = `sha256:${'0'.repeat(64)}`;
const HUGE = 2 ** 53 - 1;

/** A change to `bundle.json`, the requirement it breaks, and the expected error. */
type Change = readonly [
  name: string,
  what: string,
  says: string,
  change: (document: RawDocument) => Readonly<Record<string, unknown>>,
];

const CHANGES: readonly Change[] = [
  [
    'B-VERSION-1-newer-major',
    'of a later major version',
    'of format version 2.0',
    (document) => ({ ...document, version: '2.0' }),
  ],
  [
    'B-VERSION-1-no-version',
    'of no version',
    'no "version"',
    ({ version: _version, ...document }) => document,
  ],
  [
    'B-VERSION-1-leading-zero',
    'of a version with a zero in front',
    'version',
    (document) => ({ ...document, version: '01.0' }),
  ],
  [
    'B-VERSION-3-later-minor',
    'of a later minor version, with a moment that is none',
    'no such day',
    (document) => ({ ...document, version: '1.7', created: '2026-02-29T12:00:00Z' }),
  ],
  [
    'B-DOC-15-file-left-out',
    'without a file of the head',
    'it is not listed',
    (document) => ({ ...document, files: document.files.slice(0, -1) }),
  ],
  [
    'B-DOC-15-other-file',
    'with a file that this version does not have',
    'not for a file of this list',
    (document) => ({
      ...document,
      files: [...document.files, { path: 'notes.txt', digest: ZEROS, size: 1 }],
    }),
  ],
  [
    'B-DOC-14-chart-without-host',
    'with a chart whose name leaves something to guess',
    'not a full reference',
    (document) => ({
      ...document,
      items: first(document.items, {
        kind: 'chart',
        name: 'charts/hello:1.0.0',
        chart: 'hello',
        version: '1.0.0',
      }),
    }),
  ],
  [
    'B-DOC-18-long-text',
    'with a name of 1024 characters that are 2048 code units',
    'code units',
    (document) => ({ ...document, name: '\u{1f600}'.repeat(1024) }),
  ],
  [
    'B-DOC-3-unknown-member',
    'with a member that 1.0 does not have',
    'extra',
    (document) => ({ ...document, extra: 1 }),
  ],
  [
    'B-DOC-3-other-media-type',
    'of another media type',
    'mediaType',
    (document) => ({ ...document, mediaType: 'application/json' }),
  ],
  [
    'B-DOC-3-negative-size',
    'with a size below zero',
    'blobs[0].size',
    (document) => ({ ...document, blobs: first(document.blobs, { size: -1 }) }),
  ],
  [
    'B-DOC-3-no-signature-room',
    'with 0 bytes for signatures',
    'signatureRoom',
    (document) => ({ ...document, signatureRoom: 0 }),
  ],
  [
    'B-DOC-3-large-signature-room',
    'with 1 GiB for signatures',
    'signatureRoom',
    (document) => ({ ...document, signatureRoom: 2 ** 30 }),
  ],
  [
    'B-DOC-3-usual-signature-room',
    'with the usual 128 bytes for signatures, which are left out',
    'signatureRoom',
    (document) => ({ ...document, signatureRoom: 128 }),
  ],
  [
    'B-DOC-3-kind-no-token',
    'with an item of a kind that is no token',
    'items[0].kind',
    (document) => ({ ...document, items: first(document.items, { kind: 'Rumour!' }) }),
  ],
  [
    'B-DOC-3-control-character',
    'with a name that steers a terminal',
    'items[0].name',
    (document) => ({ ...document, items: first(document.items, { name: 'hello\u001b[2J' }) }),
  ],
  [
    'B-DOC-5-upper-case-digest',
    'with a digest in upper case',
    'blobs[0].digest',
    (document) => ({ ...document, blobs: first(document.blobs, { digest: ZEROS.replaceAll('0', 'A') }) }),
  ],
  [
    'B-DOC-5-other-algorithm',
    'with a digest of another algorithm',
    'blobs[0].digest',
    (document) => ({ ...document, blobs: first(document.blobs, { digest: `sha512:${'0'.repeat(128)}` }) }),
  ],
  [
    'B-DOC-6-blob-twice',
    'with a blob that is listed twice',
    'appears twice',
    (document) => ({ ...document, blobs: [...document.blobs, ...document.blobs.slice(0, 1)] }),
  ],
  [
    'B-DOC-6-item-twice',
    'with an item that is listed twice',
    'appears twice',
    (document) => ({ ...document, items: [...document.items, ...document.items] }),
  ],
  [
    'B-DOC-6-file-twice',
    'with a file that is listed twice',
    'appears twice',
    (document) => ({ ...document, files: [...document.files, ...document.files.slice(0, 1)] }),
  ],
  [
    'B-DOC-7-root-not-listed',
    'with an item whose root is not among the blobs',
    'not among the blobs',
    (document) => ({
      ...document,
      blobs: document.blobs.filter(({ digest }) => digest !== rootOf(document)['digest']),
    }),
  ],
  [
    'B-DOC-7-two-sizes',
    'with an item whose root has two sizes',
    'two sizes',
    (document) => ({
      ...document,
      items: first(document.items, { descriptor: { ...rootOf(document), size: 1 } }),
    }),
  ],
  [
    'B-DOC-8-escaping-file',
    'with a file that leads out',
    '".."',
    (document) => ({ ...document, files: first(document.files, { path: '../../etc/passwd' }) }),
  ],
  [
    'B-DOC-8-reserved-file',
    'with its own signature among the files',
    'not for a file of this list',
    (document) => ({ ...document, files: first(document.files, { path: LAYOUT.signature }) }),
  ],
  [
    'B-DOC-9-beyond-all-sizes',
    'with sizes that are too much together',
    'sizes together',
    (document) => ({ ...document, blobs: [...document.blobs, { digest: ZEROS, size: HUGE }] }),
  ],
  [
    'B-DOC-10-no-such-day',
    'built on a day that there never was',
    'no such day',
    (document) => ({ ...document, created: '2026-02-29T12:00:00Z' }),
  ],
  [
    'B-DOC-10-local-time',
    'built at a time in no zone',
    'created',
    (document) => ({ ...document, created: '2026-02-28 12:00:00' }),
  ],
  [
    'B-DELTA-2-required-and-held',
    'a delta that holds what it requires',
    'appears twice',
    (document) => ({
      ...document,
      requires: [{ root: ZEROS, name: 'old', blobs: document.blobs.slice(0, 1) }],
    }),
  ],
  [
    'B-DELTA-2-requires-nothing',
    'a delta that requires nothing',
    'requires[0].blobs',
    (document) => ({ ...document, requires: [{ root: ZEROS, name: 'old', blobs: [] }] }),
  ],
  [
    'B-DELTA-2-no-base',
    'a delta that counts on no bundle',
    'requires',
    (document) => ({ ...document, requires: [] }),
  ],
  [
    'B-DELTA-6-base-twice',
    'a delta that names a bundle twice',
    'appears twice',
    (document) => ({
      ...document,
      requires: ['1', '2'].map((digit) => ({
        root: ZEROS,
        name: 'old',
        blobs: [{ digest: `sha256:${digit.repeat(64)}`, size: 1 }],
      })),
    }),
  ],
  [
    'B-DELTA-6-blob-of-two',
    'a delta that counts on two bundles for one blob',
    'appears twice',
    (document) => ({
      ...document,
      requires: [ZEROS, `sha256:${'1'.repeat(64)}`].map((root) => ({
        root,
        name: 'old',
        blobs: [{ digest: `sha256:${'2'.repeat(64)}`, size: 1 }],
      })),
    }),
  ],
  [
    'B-DELTA-5-patch-with-items',
    'a patch that holds items',
    'a patch holds no items',
    (document) => ({ ...document, patchOf: ZEROS }),
  ],
  [
    'B-DOC-19-control-character',
    'with a label that steers a terminal',
    'about.labels.site',
    (document) => ({ ...document, about: { labels: { site: 'north\u001b[2J' } } }),
  ],
  [
    'B-DOC-19-line-break',
    'with a description of two lines',
    'about.description',
    (document) => ({ ...document, about: { description: 'one\ntwo' } }),
  ],
  [
    'B-DOC-19-long-title',
    'with a title that is too long',
    'about.title',
    (document) => ({ ...document, about: { title: 'x'.repeat(257) } }),
  ],
  [
    'B-DOC-19-user-in-url',
    'with an address that looks like another',
    'about.url',
    (document) => ({ ...document, about: { url: 'https://example.org@example.com/' } }),
  ],
  [
    'B-DOC-19-script-url',
    'with an address that is no web page',
    'about.url',
    (document) => ({ ...document, about: { url: 'javascript:alert(1)' } }),
  ],
  [
    'B-DOC-19-label-key',
    'with a label whose key is a number',
    'about.labels.1',
    (document) => ({ ...document, about: { labels: { 1: 'x' } } }),
  ],
  [
    'B-DOC-19-many-labels',
    'with more labels than anyone reads',
    'about.labels',
    (document) => ({
      ...document,
      about: { labels: Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`l${index}`, 'x'])) },
    }),
  ],
  [
    'B-DOC-14-short-name',
    'with an image whose name leaves something to guess',
    'not a full reference',
    (document) => ({ ...document, items: first(document.items, { kind: 'image', name: 'hello' }) }),
  ],
];

/** Bundles with an invalid `bundle.json`; everything else agrees with it. */
export function invalidDocuments(): readonly Example[] {
  const files = filesOf([HELLO]);
  const changed = CHANGES.map(([name, what, says, change]) => {
    const bytes = tarOf(withDocument(files, change(documentOf(files))));
    return invalid(`${name}.tar`, bytes, { what, code: 'ERR_BUNDLE_INVALID', says });
  });
  return [...changed, ...invalidTexts(files)];
}

function invalidTexts(files: Files): readonly Example[] {
  const json = textOf(files, LAYOUT.document);
  const texts: readonly [name: string, what: string, says: string, text: string | Uint8Array][] = [
    ['B-DOC-1-not-json', 'with a bundle.json that is cut short', 'not JSON', json.slice(0, -9)],
    ['B-DOC-1-byte-order-mark', 'with a mark in front that some editors write', 'not JSON', `\ufeff${json}`],
    [
      'B-DOC-1-not-utf-8',
      'with text that is not UTF-8',
      'not JSON',
      Buffer.from(json.replace('"example"', '"ex\u00e4mple"'), 'latin1'),
    ],
    ['B-DOC-1-list', 'with a list in place of the object', 'not an object', encodeJson([JSON.parse(json)])],
    [
      'B-DOC-2-repeated-member',
      'with a name that appears twice',
      '"name" twice',
      json.replace('"name": "example"', '"name": "example",\n  "name": "other"'),
    ],
    [
      'B-VERSION-1-with-a-member-twice',
      'of a later major version, with a member that is there twice',
      'of format version 2.0',
      json.replace('"version": "1.0"', '"version": "2.0",\n  "Name": "other"'),
    ],
    [
      'B-DOC-2-repeated-annotation',
      'with an annotation that is there twice',
      '"a" twice',
      json.replace('"descriptor": {', '"descriptor": { "annotations": { "a": "b", "a": "c" },'),
    ],
    [
      'B-DOC-2-kelvin',
      'with a name that is another by its first letter, which folds to the same',
      'twice',
      json.replace('"kind":', '"\u212aind": "file",\n      "kind":'),
    ],
    [
      'B-DOC-16-nested',
      'with lists in one another without end',
      'nested more than 64 deep',
      json.replace('{', `{ "deep": ${'['.repeat(65)}${']'.repeat(65)},`),
    ],
    [
      'B-DOC-2-repeated-in-other-case',
      'with a name that some readers take for another',
      '"Name" twice',
      json.replace('"name": "example"', '"name": "example",\n  "Name": "other"'),
    ],
  ];
  return texts.map(([name, what, says, text]) => {
    const bytes = tarOf(sealed(new Map(files).set(LAYOUT.document, Buffer.from(text))));
    return invalid(`${name}.tar`, bytes, { what, code: 'ERR_BUNDLE_INVALID', says });
  });
}

/** A blob that is listed and present, but that no item needs. */
export function withOrphan(files: Files): Files {
  const orphan = Buffer.from('nobody needs this\n');
  const document = documentOf(files);
  const place = { digest: digestOf(orphan), size: orphan.length };
  const more = new Map(files).set(blobPath(place.digest), orphan);
  return withDocument(more, { ...document, blobs: [...document.blobs, place] });
}

function first(
  list: readonly Readonly<Record<string, unknown>>[],
  changes: Readonly<Record<string, unknown>>,
): readonly unknown[] {
  return list.map((one, index) => (index === 0 ? { ...one, ...changes } : one));
}

function rootOf({ items }: RawDocument): Readonly<Record<string, unknown>> {
  const root = items[0]?.['descriptor'];
  return typeof root === 'object' && root !== null ? { ...root } : {};
}
