import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { decodeBundleDocument, DOCUMENT_LIMIT } from '../../../src/bundle/format/decode.ts';
import { BUNDLE_DOCUMENT_SCHEMA } from '../../../src/bundle/format/schema.ts';
import { encodeDocument } from '../../../src/bundle/format/encode-document.ts';
import { isSaddlebagError } from '../../../src/internal/error.ts';
import { ProblemsError } from '../../../src/internal/problems.ts';
import { sampleBundle } from '../../support/samples/sample-bundle.ts';

interface Raw extends Record<string, unknown> {
  items: (Record<string, unknown> & { descriptor: Record<string, unknown> })[];
  files: Record<string, unknown>[];
  blobs: Record<string, unknown>[];
}

const { document } = sampleBundle().plan;
const DIGEST = `sha256:${'0'.repeat(64)}`;

/** Returns the sample's document as plain JSON, spoiled by `change`. */
function spoiled(change: (raw: Raw) => unknown): Buffer {
  const raw: Raw = JSON.parse(Buffer.from(encodeDocument(document)).toString());
  change(raw);
  return Buffer.from(JSON.stringify(raw));
}

function set(target: Record<string, unknown> | undefined, changes: Record<string, unknown>): void {
  Object.assign(target ?? {}, changes);
}

/** Returns everything a refusal says, or `accepted`. Anything but our error goes through. */
function outcomeOf(bytes: Uint8Array): string {
  try {
    decodeBundleDocument(bytes);
    return 'accepted';
  } catch (error) {
    if (!isSaddlebagError(error, 'ERR_BUNDLE_INVALID')) throw error;
    const problems = error instanceof ProblemsError ? error.problems : [];
    return [error, ...problems].map(({ message }) => message).join('\n');
  }
}

describe('bundle.json', () => {
  it('decodes to what was encoded', () => {
    expect(decodeBundleDocument(encodeDocument(document))).toEqual(document);
  });

  it('may say when the bundle was built', () => {
    const dated = { ...document, created: '2024-02-29T23:59:59Z' };
    expect(decodeBundleDocument(encodeDocument(dated))).toEqual(dated);
  });

  it('keeps the platform of a descriptor in our words', () => {
    const bytes = spoiled((raw) =>
      set(raw.items[0]?.descriptor, {
        platform: { architecture: 'amd64', os: 'windows', 'os.version': '10.0.17763.1', variant: 'v8' },
      }),
    );
    expect(decodeBundleDocument(bytes).items[0]?.descriptor.platform).toEqual({
      architecture: 'amd64',
      os: 'windows',
      osVersion: '10.0.17763.1',
      variant: 'v8',
    });
  });

  it.each<[string, (raw: Raw) => unknown, string]>([
    [
      'a digest in upper case',
      (raw) => set(raw.blobs[0], { digest: DIGEST.replace(/0/g, 'A') }),
      'blobs[0].digest',
    ],
    [
      'a digest of another algorithm',
      (raw) => set(raw.blobs[0], { digest: `sha512:${'0'.repeat(128)}` }),
      'blobs[0].digest',
    ],
    [
      'a digest that leads elsewhere',
      (raw) => set(raw.blobs[0], { digest: 'sha256:../../etc/passwd' }),
      'blobs[0].digest',
    ],
    ['a digest with a line break', (raw) => set(raw.blobs[0], { digest: `${DIGEST}\n` }), 'blobs[0].digest'],
    ['a blob twice', (raw) => raw.blobs.push({ ...raw.blobs[0] }), 'appears twice'],
    ['a blob twice with two sizes', (raw) => raw.blobs.push({ ...raw.blobs[0], size: 1 }), 'appears twice'],
    ['an item twice', (raw) => raw.items.push(...raw.items.slice(0, 1)), 'appears twice'],
    ['a file twice', (raw) => raw.files.push({ ...raw.files[0] }), 'appears twice'],
    ['a negative size', (raw) => set(raw.blobs[0], { size: -1 }), 'blobs[0].size'],
    ['a size that is no whole number', (raw) => set(raw.blobs[0], { size: 1.5 }), 'blobs[0].size'],
    ['a size beyond all numbers', (raw) => set(raw.blobs[0], { size: 2 ** 53 }), 'blobs[0].size'],
    ['a size in quotes', (raw) => set(raw.blobs[0], { size: '1' }), 'blobs[0].size'],
    [
      'sizes that are too much together',
      (raw) => raw.blobs.push({ digest: DIGEST, size: 2 ** 53 - 1 }),
      'sizes together',
    ],
    [
      'an item without its root',
      (raw) => set(raw.items[0]?.descriptor, { digest: DIGEST }),
      'not among the blobs',
    ],
    ['an item whose root has another size', (raw) => set(raw.items[0]?.descriptor, { size: 1 }), 'two sizes'],
    ['a kind that is no token', (raw) => set(raw.items[0], { kind: 'Virus!' }), 'items[0].kind'],
    ['a kind without end', (raw) => set(raw.items[0], { kind: 'x'.repeat(65) }), 'items[0].kind'],
    ['a kind that is no text', (raw) => set(raw.items[0], { kind: 1 }), 'items[0].kind'],
    ['an unknown audience', (raw) => set(raw.items[0], { audience: ['everyone'] }), 'items[0].audience[0]'],
    ['no audience', (raw) => delete raw.items[0]?.['audience'], 'items[0].audience'],
    ['an item without a name', (raw) => set(raw.items[0], { name: '' }), 'items[0].name'],
    ['a name with a terminal sequence', (raw) => set(raw.items[0], { name: 'a\u001b[2J' }), 'items[0].name'],
    ['a name without end', (raw) => set(raw, { name: 'x'.repeat(2000) }), '"name"'],
    ['a name of too many code units', (raw) => set(raw, { name: '😀'.repeat(513) }), '"name"'],
    [
      'a name of an item of too many code units',
      (raw) => set(raw.items[0], { name: '😀'.repeat(513) }),
      'items[0].name',
    ],
    [
      'a media type of too many code units',
      (raw) => set(raw.items[0]?.descriptor, { mediaType: '😀'.repeat(513) }),
      'items[0].descriptor.mediaType',
    ],
    [
      'the name of an annotation of too many code units',
      (raw) => set(raw.items[0]?.descriptor, { annotations: { ['😀'.repeat(513)]: '' } }),
      'items[0].descriptor.annotations',
    ],
    [
      'an annotation of too many code units',
      (raw) => set(raw.items[0]?.descriptor, { annotations: { a: '😀'.repeat(32_769) } }),
      'items[0].descriptor.annotations.a',
    ],
    [
      'a platform of too many code units',
      (raw) => set(raw.items[0]?.descriptor, { platform: { os: '😀'.repeat(513), architecture: 'x' } }),
      'items[0].descriptor.platform.os',
    ],
    [
      'a URL of too many code units',
      (raw) => set(raw.items[0]?.descriptor, { urls: ['😀'.repeat(4097)] }),
      'items[0].descriptor.urls[0]',
    ],
    [
      'more blobs than there may be',
      (raw) => set(raw, { blobs: Array.from({ length: 500_001 }, () => 0) }),
      '"blobs"',
    ],
    [
      'a file that 1.0 does not have',
      (raw) => raw.files.push({ path: 'notes.txt', digest: DIGEST, size: 1 }),
      'file "notes.txt": it is not for a file of this list',
    ],
    ['a file of 1.0 left out', (raw) => raw.files.splice(1, 1), 'file "README.txt": it is not listed'],
    ['an unknown key', (raw) => set(raw, { extra: 1 }), 'extra'],
    ['an unknown key of an item', (raw) => set(raw.items[0], { extra: 1 }), 'extra'],
    ['an unknown key of a descriptor', (raw) => set(raw.items[0]?.descriptor, { data: 'e30=' }), 'data'],
    ['another media type', (raw) => set(raw, { mediaType: 'application/json' }), 'mediaType'],
    ['no items', (raw) => delete (raw as Record<string, unknown>)['items'], 'items'],
    ['items that are an object', (raw) => set(raw, { items: {} }), 'items'],
    ['a file outside', (raw) => set(raw.files[0], { path: '../../etc/passwd' }), '".."'],
    ['an absolute file', (raw) => set(raw.files[0], { path: '/etc/passwd' }), 'absolute'],
    ['itself as a file', (raw) => set(raw.files[0], { path: 'bundle.json' }), 'not for a file of this list'],
    [
      'the signature as a file',
      (raw) => set(raw.files[0], { path: 'bundle.json.sig' }),
      'not for a file of this list',
    ],
    ['a date without a time', (raw) => set(raw, { created: '2026-08-20' }), '"created"'],
    ['a date of another zone', (raw) => set(raw, { created: '2026-08-20T14:05:00+02:00' }), '"created"'],
    [
      'a day that there is not',
      (raw) => set(raw, { created: '2026-02-29T00:00:00Z' }),
      'created "2026-02-29T00:00:00Z": there is no such day or time',
    ],
    ['a date that is null', (raw) => set(raw, { created: null }), '"created"'],
    ['the sums as a file', (raw) => set(raw.files[0], { path: 'SHA256SUMS' }), 'not for a file of this list'],
    [
      'a blob as a file',
      (raw) => set(raw.files[0], { path: `blobs/sha256/${'0'.repeat(64)}` }),
      'not for a file',
    ],
    ['no version', (raw) => delete raw['version'], 'no "version"'],
    ['a version that is a number', (raw) => set(raw, { version: 1 }), 'no "version"'],
    ['a version of three parts', (raw) => set(raw, { version: '1.0.0' }), 'no "version"'],
  ])('with %s is refused', (_, change, fact) => {
    expect(outcomeOf(spoiled(change))).toContain(fact);
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['a list', '[]'],
    ['null', 'null'],
    ['a byte order mark', '\ufeff{"version":"1.0"}'],
    ['brackets without end', '['.repeat(100_000)],
  ])('of %s is refused', (_, text) => {
    expect(outcomeOf(Buffer.from(text))).toMatch(/^Cannot read bundle\.json: /);
  });

  it('that is not UTF-8 is refused', () => {
    expect(outcomeOf(Buffer.from([0x7b, 0xff, 0x7d]))).toContain('not JSON');
  });

  it('that is too large is refused before it is parsed [B-DOC-4]', () => {
    expect(outcomeOf(Buffer.alloc(DOCUMENT_LIMIT + 1, ' '))).toContain(
      `more than the ${DOCUMENT_LIMIT} allowed`,
    );
  });

  it('of a newer minor version is read, what is new in it is ignored [B-VERSION-2]', () => {
    const bytes = spoiled((raw) => {
      set(raw, { version: '1.7', news: [{ digest: DIGEST }] });
      set(raw.items[0], { licence: 'x' });
      set(raw.items[0]?.descriptor, { data: 'e30=' });
      set(raw.blobs[0], { compressed: true });
    });
    expect(decodeBundleDocument(bytes)).toEqual({ ...document, version: '1.7' });
  });

  it('of a newer minor version must still be right in what is known [B-VERSION-3]', () => {
    const bytes = spoiled((raw) => {
      set(raw, { version: '1.7', news: 1 });
      set(raw.blobs[0], { size: -1 });
    });
    expect(outcomeOf(bytes)).toContain('blobs[0].size');
  });

  it('may have items of a kind that is not known, whatever members they have', () => {
    const bytes = spoiled((raw) =>
      set(raw.items[0], { kind: 'wasm-module', audience: ['wasm-host'], news: 1 }),
    );
    const [first] = document.items;
    expect(decodeBundleDocument(bytes).items[0]).toEqual({
      kind: 'unknown',
      token: 'wasm-module',
      name: first?.name,
      descriptor: first?.descriptor,
      audience: [],
    });
    expect(outcomeOf(spoiled((raw) => set(raw.items[0], { kind: 'wasm', name: '' })))).toContain(
      'items[0].name',
    );
  });

  it('of a newer minor version may have files that we do not know, beside those that we do [B-DOC-15]', () => {
    const notes = { path: 'notes.txt', digest: DIGEST, size: 1 };
    const newer = spoiled((raw) => set(raw, { version: '1.1', files: [...raw.files, notes] }));
    expect(outcomeOf(newer)).toBe('accepted');
    const other = spoiled((raw) => set(raw, { version: '1.1', files: [...raw.files.slice(1), notes] }));
    expect(outcomeOf(other)).toContain('file "oci-layout": it is not listed');
  });

  it('with a name of just as many code units as it may have is accepted', () => {
    expect(outcomeOf(spoiled((raw) => set(raw, { name: '😀'.repeat(512) })))).toBe('accepted');
  });

  it('of another major version is refused as such, whatever else is in it [B-VERSION-1]', () => {
    for (const text of ['{"version":"2.0","name":1,"name":2}', '{"version":"2.0","name":1,"NAME":2}'])
      expect(outcomeOf(Buffer.from(text))).toContain('of format version 2.0');
    expect(outcomeOf(Buffer.from('{"version":"01.0"}'))).toContain('of format version 01.0');
    expect(outcomeOf(Buffer.from('{"version":"1.0","version":"2.0"}'))).not.toBe('accepted');
    expect(outcomeOf(Buffer.from('{"version":"2.0","version":"1.0"}'))).toContain('"version" twice');
  });

  it.each(['2.0', '10.0', '0.9'])('of version %s is refused with what to do', (version) => {
    const bytes = Buffer.from(JSON.stringify({ version, anything: true }));
    expect(outcomeOf(bytes)).toContain(`of format version ${version}, and this program reads 1.x`);
    expect(() => decodeBundleDocument(bytes)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('Use') }),
    );
  });

  it('reports all mistakes at once, but not without end', () => {
    const outcome = outcomeOf(
      spoiled((raw) => {
        for (const blob of raw.blobs) set(blob, { size: -1 });
        raw.blobs.push(...Array.from({ length: 100 }, () => ({ digest: 'x', size: 1 })));
      }),
    );
    expect(outcome.split('\n')).toHaveLength(21);
    expect(outcome).toContain('mistakes, of which 20 are listed');
  });

  it('cannot change what all objects are', () => {
    const text = Buffer.from(encodeDocument(document))
      .toString()
      .replace('{', '{"__proto__":{"polluted":1},');
    expect(outcomeOf(Buffer.from(text))).not.toBe('accepted');
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it('is accepted or refused with our error, whatever it holds', () => {
    const keys = ['version', 'mediaType', 'name', 'items', 'files', 'blobs'];
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.jsonValue(), (key, value) => {
        expect(outcomeOf(spoiled((raw) => set(raw, { [key]: value })))).toBeTypeOf('string');
      }),
    );
  });

  it('has a JSON Schema', () => {
    const schema = z.toJSONSchema(BUNDLE_DOCUMENT_SCHEMA, { io: 'input' });
    expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
    expect(Object.keys(schema.properties ?? {})).toEqual([
      'version',
      'mediaType',
      'name',
      'about',
      'created',
      'signatureRoom',
      'patchOf',
      'items',
      'files',
      'blobs',
      'requires',
    ]);
  });
});
