import { describe, expect, it } from 'vitest';
import {
  decodeSignatures,
  encodeSignatures,
  type NamedSignature,
  unsigned,
} from '../../../src/bundle/format/signature-lines.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { failureOf } from '../../support/failure.ts';

function signature(algorithm: string, bytes: number, key = algorithm): NamedSignature {
  return {
    signer: { algorithm, key: digestOf(key) },
    text: Buffer.alloc(bytes, algorithm).toString('base64'),
  };
}

const [ed25519, p256, mlDsa] = [
  signature('ed25519', 64),
  signature('p256', 70),
  signature('ml-dsa-65', 3309),
];
const FUTURE = signature('future-1', 5000);

/** Returns a file of 16 KiB that begins with this text. */
function file(text: string, room = 16_384): Buffer {
  return Buffer.from(text.padEnd(room, '\n'), 'latin1');
}

function line({ signer, text }: NamedSignature): string {
  return `${signer.algorithm} ${signer.key} ${text}\n`;
}

describe('the content of bundle.json.sig', () => {
  it.each([[[]], [[ed25519]], [[ed25519, p256, mlDsa]], [[FUTURE, mlDsa]]])(
    'is read as it was written, with what is not known [B-SIG-6]: %#',
    (signatures) => {
      const bytes = encodeSignatures(signatures, 16_384) ?? Buffer.alloc(0);
      expect(bytes).toHaveLength(16_384);
      expect(decodeSignatures(bytes)).toEqual(signatures);
    },
  );

  it('is line feeds alone when nobody has signed, whatever its size', () => {
    for (const room of [128, 256, 65_536]) expect(decodeSignatures(unsigned(room))).toEqual([]);
  });

  it('has room for one signature in 128 bytes, and does not say whose it is', () => {
    const bytes = encodeSignatures([ed25519], 128) ?? Buffer.alloc(0);
    expect(decodeSignatures(bytes)).toEqual([{ text: ed25519.text }]);
    expect(encodeSignatures([ed25519, p256], 128)).toBeUndefined();
    expect(encodeSignatures([mlDsa], 128)).toBeUndefined();
  });

  it('takes signatures that fill it to its last byte, and none of one byte more', () => {
    const { length } = line(ed25519) + line(p256);
    expect(encodeSignatures([ed25519, p256], length)).toHaveLength(length);
    expect(decodeSignatures(file(line(ed25519) + line(p256), length))).toEqual([ed25519, p256]);
    expect(encodeSignatures([ed25519, p256], length - 1)).toBeUndefined();
  });

  it.each([
    ['words', 'signed by me\n', 'line 1 is no signature'],
    ['a bare signature', `${ed25519.text}\n`, 'line 1 is no signature'],
    ['half a line', line(p256).slice(0, 50), 'line 1 is no signature'],
    ['an algorithm in upper case', line(signature('ED25519', 64)), 'line 1 is no signature'],
    ['no algorithm', line(ed25519).replace('ed25519', ''), 'line 1 is no signature'],
    [
      'a fingerprint in upper case',
      line(ed25519).replace(/[a-f]/g, (c) => c.toUpperCase()),
      'line 1 is no signature',
    ],
    ['two spaces', line(ed25519).replace(' ', '  '), 'line 1 is no signature'],
    ['a space behind', line(ed25519).replace('\n', ' \n'), 'line 1 is no signature'],
    ['carriage returns', line(ed25519).replace('\n', '\r\n'), 'line 1 is no signature'],
    ['base64 with bits left over', line(ed25519).replace(/.==\n/, 'B==\n'), 'line 1 is no signature'],
    ['a second line that is none', `${line(ed25519)}x\n`, 'line 2 is no signature'],
    ['line feeds before', `\n${line(ed25519)}`, 'it does not end in line feeds'],
    ['line feeds between', `${line(ed25519)}\n${line(p256)}`, 'it does not end in line feeds'],
    ['zeros behind', `${line(ed25519)}\0`.padEnd(16_384, '\0'), 'it does not end in line feeds'],
    ['one key twice', line(ed25519) + line(ed25519), 'two signatures by the key'],
    [
      'one key with two algorithms',
      line(ed25519) + line(signature('p256', 70, 'ed25519')),
      'two signatures by the key',
    ],
    ['Ed25519 of 63 bytes', line(signature('ed25519', 63)), 'line 1 has 63 bytes'],
    ['ECDSA of 73 bytes', line(signature('p256', 73)), 'line 1 has 73 bytes'],
    ['ML-DSA-65 of 3308 bytes', line(signature('ml-dsa-65', 3308)), 'line 1 has 3308 bytes'],
  ])('is refused with %s [B-SIG-5]', async (_, text, says) => {
    const error = await failureOf(() => decodeSignatures(file(text)));
    expect(error.code).toBe('ERR_SIGNATURE_INVALID');
    expect(error.message).toContain(says);
  });

  it('has 100 signatures at most', async () => {
    const many = (count: number): string =>
      Array.from({ length: count }, (_, index) => line(signature('x', 3, `${index}`))).join('');
    expect(decodeSignatures(file(many(100)))).toHaveLength(100);
    expect(await failureOf(() => decodeSignatures(file(many(1000), 2 ** 17)))).toMatchObject({
      code: 'ERR_SIGNATURE_INVALID',
      message: expect.stringContaining('it has 1000 signatures'),
    });
  });
});
