import { describe, expect, it } from 'vitest';
import { memoryArchive, memoryReader } from '../../../src/archive/memory.ts';
import { openTar } from '../../../src/archive/tar/reader.ts';
import { checkBundle } from '../../../src/bundle/check/check.ts';
import { readBundle } from '../../../src/bundle/open.ts';
import { judgeSignature } from '../../../src/bundle/signing/prove.ts';
import { signDocument } from '../../../src/bundle/signing/signature.ts';
import { encodeSignature } from '../../../src/bundle/format/signature-file.ts';
import { fingerprintOf } from '../../../src/bundle/signing/signing-key.ts';
import { countingReader } from '../../support/archives/counting-reader.ts';
import { type TestKeys, testKeys, trusting } from '../../support/keys.ts';
import { plannedFile } from '../../support/planned/items.ts';
import { packTar, sampleBundle } from '../../support/samples/sample-bundle.ts';
import { incompressibleBytes } from '../../support/samples/sample-image.ts';
import { thrownBy } from '../../support/thrown.ts';

const { files: FILES } = sampleBundle();
const DOCUMENT = FILES.get('bundle.json') ?? Buffer.alloc(0);
const [own, other] = [testKeys('ed25519'), testKeys('p256')];

/** Returns the sample with a signature by these keys, of another document if one is given. */
function signedBy(keys: TestKeys, document: Uint8Array = DOCUMENT): Map<string, Uint8Array> {
  return withSignature(encodeSignature(signDocument(document, keys.privateKey)));
}

function withSignature(bytes: Uint8Array | undefined): Map<string, Uint8Array> {
  const files = new Map(FILES);
  if (bytes === undefined) files.delete('bundle.json.sig');
  else files.set('bundle.json.sig', bytes);
  return files;
}

describe('a bundle that must be signed', () => {
  const open = (files: ReadonlyMap<string, Uint8Array>, ...keys: readonly TestKeys[]): Promise<unknown> =>
    readBundle(memoryArchive(files), { path: 'lab.tar', trust: trusting(...keys) });

  it.each([
    ['Ed25519', own],
    ['ECDSA', other],
  ])('opens when it is there, by %s, and tells by whom', async (_, keys) => {
    const bundle = await open(signedBy(keys), own, other);
    expect(bundle).toMatchObject({ signers: [fingerprintOf(keys.publicKey)] });
  });

  it.each<[string, ReadonlyMap<string, Uint8Array>]>([
    ['nobody has signed it', FILES],
    ['the place for it was taken away', withSignature(undefined)],
  ])('does not open when %s', async (_, files) => {
    expect(await thrownBy(open(files, own))).toMatchObject({
      code: 'ERR_SIGNATURE_MISSING',
      message: 'Cannot trust bundle "lab.tar": it is not signed',
      hint: expect.stringContaining('"trusted.pem" asks for a signature'),
    });
  });

  it.each<[string, Map<string, Uint8Array>]>([
    ['another key has signed it', signedBy(other)],
    ['the signature is of another bundle', signedBy(own, Buffer.from('{}'))],
    [
      'a byte was added to bundle.json',
      signedBy(own).set('bundle.json', Buffer.concat([DOCUMENT, Buffer.from('\n')])),
    ],
    ['bundle.json is another', signedBy(own).set('bundle.json', Buffer.from('{"version":"1.0"}'))],
    ['bundle.json is no JSON', signedBy(own).set('bundle.json', Buffer.from('\0'))],
  ])('does not open when %s', async (_, files) => {
    expect(await thrownBy(open(files, own))).toMatchObject({
      code: 'ERR_SIGNATURE_INVALID',
      message: 'Cannot trust bundle "lab.tar": its signature is not by the key of "trusted.pem"',
      hint: expect.any(String),
    });
  });

  it.each<[string, Uint8Array]>([
    ['cut short', encodeSignature(signDocument(DOCUMENT, own.privateKey)).subarray(0, 100)],
    [
      'followed by more',
      Buffer.concat([encodeSignature(signDocument(DOCUMENT, own.privateKey)), Buffer.from('\n')]),
    ],
    ['garbage', Buffer.alloc(128, 'x')],
    ['a megabyte', Buffer.alloc(1024 * 1024, '\n')],
  ])('does not open when the signature is %s', async (_, bytes) => {
    expect(await thrownBy(open(withSignature(bytes), own))).toMatchObject({ code: 'ERR_SIGNATURE_INVALID' });
  });

  it('tells how many keys were tried', async () => {
    const stranger = testKeys();
    const error = await thrownBy(open(signedBy(stranger), own, other));
    expect(error.message).toMatch(/its signature is by none of the 2 keys of "trusted\.pem"$/);
  });

  it('is not read beyond bundle.json and its signature when that is wrong [B-SIG-4]', async () => {
    const large = plannedFile('large.bin', incompressibleBytes('large', 3_000_000));
    const { files } = sampleBundle([large]);
    const document = files.get('bundle.json') ?? Buffer.alloc(0);
    for (const keys of [undefined, other]) {
      const signed = new Map(files);
      const text = keys === undefined ? undefined : signDocument(document, keys.privateKey);
      if (text !== undefined) signed.set('bundle.json.sig', encodeSignature(text));
      const reader = countingReader(memoryReader(packTar(signed).tar));
      const opening = readBundle(openTar(reader), { path: 'lab.tar', trust: trusting(own) });
      await expect(opening).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_SIGNATURE_/) });
      // Headers and padding of the first three entries; where padding is read, the header behind it is read with it.
      const content = document.length + 128;
      expect(reader.counted()).toBeGreaterThanOrEqual(content);
      expect(reader.counted()).toBeLessThanOrEqual(content + 8 * 512);
    }
  });
});

describe('the worth of a signature', () => {
  it.each<[string, Map<string, Uint8Array>, readonly TestKeys[] | undefined, object]>([
    ['none, with no key', withSignature(FILES.get('bundle.json.sig')), undefined, { signature: 'none' }],
    ['none, with a key', withSignature(FILES.get('bundle.json.sig')), [own], { signature: 'none' }],
    ['none, where the file is missing', withSignature(undefined), [own], { signature: 'none' }],
    ['present, with no key', signedBy(own), undefined, { signature: 'present' }],
    ['wrong, by another key', signedBy(other), [own], { signature: 'wrong' }],
    ['wrong, of no form', withSignature(Buffer.alloc(128)), undefined, { signature: 'wrong' }],
    ['proven', signedBy(own), [other, own], { signature: 'proven', signer: fingerprintOf(own.publicKey) }],
  ])('is %s', async (_, files, keys, expected) => {
    const bundle = { archive: memoryArchive(files), path: 'lab.tar' };
    const report = await judgeSignature(bundle, {
      trust: keys === undefined ? undefined : trusting(...keys),
    });
    expect(report).toEqual({ signed: 'signer' in expected, ...expected });
  });

  it('is not told when interrupted', async () => {
    const bundle = { archive: memoryArchive(signedBy(own)), path: 'lab.tar' };
    const judging = judgeSignature(bundle, { signal: AbortSignal.abort() });
    await expect(judging).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
  });
});

describe('a check without a key', () => {
  const check = async (files: ReadonlyMap<string, Uint8Array>): Promise<readonly object[]> =>
    await checkBundle(await readBundle(memoryArchive(files), { path: 'lab' }));

  it('takes any signature for one that has the form of one', async () => {
    expect(await check(signedBy(own))).toEqual([]);
    expect(await check(signedBy(other, Buffer.from('{}')))).toEqual([]);
  });

  it.each<[string, Uint8Array | undefined, string]>([
    ['missing', undefined, 'ERR_CONTENT_NOT_FOUND'],
    ['of another size', Buffer.alloc(127, '\n'), 'ERR_SIZE_MISMATCH'],
    ['of no form', Buffer.alloc(128, 'x'), 'ERR_SIGNATURE_INVALID'],
  ])('finds one that is %s, once', async (_, bytes, code) => {
    expect(await check(withSignature(bytes))).toMatchObject([{ code, path: 'bundle.json.sig' }]);
  });
});
