import { describe, expect, it } from 'vitest';
import { isSignedBy, signDocument } from '../../../src/bundle/signing/signature.ts';
import { testKeys } from '../../support/keys.ts';

const DOCUMENT = Buffer.from('{"version":"1.0"}\n');

describe.each(['ed25519', 'p256'] as const)('a signature by a key of type %s', (type) => {
  const [own, other] = [testKeys(type), testKeys(type)];
  const signature = signDocument(DOCUMENT, own.privateKey);

  it('is its owner’s, over these bytes and no others [B-SIG-3]', () => {
    expect(isSignedBy(DOCUMENT, signature, own.publicKey)).toBe(true);
    expect(isSignedBy(DOCUMENT, signature, other.publicKey)).toBe(false);
    expect(isSignedBy(Buffer.concat([DOCUMENT, Buffer.from('\n')]), signature, own.publicKey)).toBe(false);
    expect(isSignedBy(Buffer.alloc(0), signature, own.publicKey)).toBe(false);
  });

  it('is not proven by a key of the other type', () => {
    const stranger = testKeys(type === 'p256' ? 'ed25519' : 'p256');
    expect(isSignedBy(DOCUMENT, signature, stranger.publicKey)).toBe(false);
  });

  it('is broken by any changed bit', () => {
    const bytes = Buffer.from(signature, 'base64');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(isSignedBy(DOCUMENT, changed.toString('base64'), own.publicKey)).toBe(false);
    }
  });
});

describe('signing twice', () => {
  it('gives the same bytes with Ed25519', () => {
    const { privateKey } = testKeys('ed25519');
    expect(signDocument(DOCUMENT, privateKey)).toBe(signDocument(DOCUMENT, privateKey));
  });
});
