import { describe, expect, it } from 'vitest';
import { signDocument } from '../../../src/bundle/signing/signature.ts';
import {
  decodeSignature,
  encodeSignature,
  SIGNATURE_SIZE,
  UNSIGNED,
} from '../../../src/bundle/format/signature-file.ts';
import { testKeys } from '../../support/keys.ts';
import { thrownBy } from '../../support/thrown.ts';

const DOCUMENT = Buffer.from('{"version":"1.0"}\n');
const ed25519 = signDocument(DOCUMENT, testKeys('ed25519').privateKey);

function derOf(...hex: readonly string[]): string {
  return Buffer.from(hex.join(''), 'hex').toString('base64').padEnd(SIGNATURE_SIZE, '\n');
}

describe('bundle.json.sig', () => {
  it('has one size, signed with either kind of key or not at all', () => {
    const p256 = testKeys('p256').privateKey;
    // A signature of ECDSA is a byte or two shorter now and then.
    const all = Array.from({ length: 50 }, () => signDocument(DOCUMENT, p256));
    for (const signature of [ed25519, ...all]) {
      const bytes = encodeSignature(signature);
      expect(bytes).toHaveLength(SIGNATURE_SIZE);
      expect(decodeSignature(bytes)).toBe(signature);
      expect(Buffer.from(bytes).toString()).toMatch(/^[A-Za-z0-9+/]+={0,2}\n+$/);
    }
    expect(UNSIGNED).toHaveLength(SIGNATURE_SIZE);
    expect(decodeSignature(UNSIGNED)).toBeUndefined();
  });

  it.each([
    '3006020101020101',
    `3046022100${'ff'.repeat(32)}022100${'ff'.repeat(32)}`,
    `30440220${'7f'.repeat(32)}0220${'01'.repeat(32)}`,
  ])('may be any signature of ECDSA in DER, also one that never comes: %s', (hex) => {
    expect(decodeSignature(Buffer.from(derOf(hex)))).toBe(derOf(hex).trimEnd());
  });

  it.each<[string, (text: string) => string]>([
    ['cut short', (text) => text.slice(0, 127)],
    ['empty', () => ''],
    ['longer by a line feed', (text) => `${text}\n`],
    ['of zeros', () => '\0'.repeat(128)],
    ['of spaces', () => ' '.repeat(128)],
    ['with one byte of it changed to none of base64', (text) => `*${text.slice(1)}`],
    ['filled up with spaces', (text) => text.replaceAll('\n', ' ')],
    ['with a carriage return', (text) => text.replace(/\n\n$/, '\r\n')],
    ['with something behind it', (text) => text.replace(/\n\n$/, '\nx')],
    ['with line feeds in front', (text) => `\n${text.slice(0, 127)}`],
    ['broken into lines', (text) => `${text.slice(0, 64)}\n${text.slice(64, 127)}`],
    ['with no line feed behind it', () => 'A'.repeat(128)],
    ['far too short for a signature', () => 'AAAA'.padEnd(128, '\n')],
    ['longer than any signature', () => 'A'.repeat(104).padEnd(128, '\n')],
    ['of half a group of base64', (text) => text.replace('==', '=').padEnd(128, '\n')],
    ['of a length that no signature has', () => 'A'.repeat(84).padEnd(128, '\n')],
    ['of DER with something behind it', () => derOf('3006020101020101', '00')],
    ['of DER with a number below zero', () => derOf('3006020181020101')],
    ['of DER with a number of more bytes than it needs', () => derOf('300702020001020101')],
    ['of DER with one number', () => derOf('3003020101')],
    ['of DER that says another length', () => derOf('3007020101020101')],
    ['with bits left over', (text) => text.replace(/.==/, 'B==')],
  ])('is refused %s', async (_, change) => {
    const text = Buffer.from(encodeSignature(ed25519)).toString();
    const changed = change(text);
    expect(changed).not.toBe(text);
    const error = await thrownBy((async () => decodeSignature(Buffer.from(changed, 'latin1')))());
    expect(error).toMatchObject({ code: 'ERR_SIGNATURE_INVALID', hint: expect.any(String) });
  });
});
