import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fingerprintOf, parsePrivateKey, parsePublicKeys } from '../../../src/bundle/signing/signing-key.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { failureOf } from '../../support/failure.ts';
import { testKeys } from '../../support/keys.ts';

const [ed25519, p256] = [testKeys('ed25519'), testKeys('p256')];
const encryptedPem = ed25519.privateKey.export({
  type: 'pkcs8',
  format: 'pem',
  cipher: 'aes-256-cbc',
  passphrase: 'päss',
});
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const p384 = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
const pem = { type: 'spki', format: 'pem' } as const;

describe('a private key', () => {
  it('is read plain and encrypted, and has the fingerprint of its public half', () => {
    const der = ed25519.publicKey.export({ type: 'spki', format: 'der' });
    expect(fingerprintOf(parsePrivateKey(ed25519.privatePem))).toBe(digestOf(der));
    expect(fingerprintOf(parsePrivateKey(encryptedPem, { passphrase: 'päss' }))).toBe(digestOf(der));
    expect(fingerprintOf(parsePrivateKey(p256.privatePem))).toBe(fingerprintOf(p256.publicKey));
  });

  it('is read where a passphrase was given that it does not need', () => {
    expect(parsePrivateKey(p256.privatePem, { passphrase: 'x' }).type).toBe('private');
  });

  it.each<[string, string, string | undefined, string]>([
    [
      'encrypted, with no passphrase',
      encryptedPem,
      undefined,
      'it is encrypted, and no passphrase was given',
    ],
    [
      'encrypted, with a wrong passphrase',
      encryptedPem,
      'wrong',
      'the passphrase is wrong, or the file is damaged',
    ],
    [
      'the public half',
      ed25519.publicPem,
      undefined,
      'it holds a public key, and signing takes the private one',
    ],
    ['no PEM', 'AAAA', undefined, 'it holds no private key in PEM'],
    ['nothing', '', undefined, 'it holds no private key in PEM'],
    ['cut short', ed25519.privatePem.slice(0, 60), undefined, 'it is damaged, or of an unknown kind'],
    ['an RSA key', rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }), undefined, 'it is of kind "rsa"'],
    [
      'a key on another curve',
      p384.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      undefined,
      'it is of kind "secp384r1"',
    ],
  ])('is refused when it is %s', async (_, text, passphrase, fact) => {
    const error = await failureOf(() => parsePrivateKey(text, { passphrase, name: 'signing key "k"' }));
    expect(error).toMatchObject({
      code: 'ERR_KEY_INVALID',
      message: `Cannot read signing key "k": ${fact}`,
      hint: expect.any(String),
    });
    // Neither the key nor its passphrase may end up in a log.
    expect(`${error.message}${error.hint}`).not.toMatch(/MC4CAQAw|wrong"|päss/);
  });
});

describe('public keys', () => {
  it('are read, several in one file, with words and carriage returns around them', () => {
    const both = `# the old one\n${ed25519.publicPem}\n# and the new one\n${p256.publicPem}`;
    const expected = [fingerprintOf(ed25519.publicKey), fingerprintOf(p256.publicKey)];
    expect(parsePublicKeys(both).map(fingerprintOf)).toEqual(expected);
    expect(parsePublicKeys(both.replaceAll('\n', '\r\n')).map(fingerprintOf)).toEqual(expected);
  });

  it.each<[string, string, string]>([
    ['a private one', ed25519.privatePem, 'it holds a private key'],
    ['a private one beside a public one', `${p256.publicPem}${ed25519.privatePem}`, 'it holds a private key'],
    ['none', 'nothing here\n', 'it holds no public key in PEM'],
    ['empty', '', 'it holds no public key in PEM'],
    ['cut short', ed25519.publicPem.slice(0, -30), 'it holds no public key in PEM'],
    ['cut short behind a whole one', `${p256.publicPem}${ed25519.publicPem.slice(0, 70)}`, 'it is cut short'],
    ['damaged', ed25519.publicPem.replace(/MCow/, 'MCox'), 'a key in it is damaged, or of an unknown kind'],
    ['of RSA', rsa.publicKey.export(pem), 'it is of kind "rsa"'],
    ['one of them of RSA', `${p256.publicPem}${rsa.publicKey.export(pem)}`, 'it is of kind "rsa"'],
    ['on another curve', p384.publicKey.export(pem), 'it is of kind "secp384r1"'],
    [
      'a certificate',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      'it holds a PEM block "CERTIFICATE"',
    ],
    ['far too many', p256.publicPem.repeat(101), 'it holds more than 100 keys'],
  ])('are refused when they are %s', async (_, text, fact) => {
    const error = await failureOf(() => parsePublicKeys(text, { name: 'trusted key "t"' }));
    expect(error.code).toBe('ERR_KEY_INVALID');
    expect(error.message).toBe(`Cannot read trusted key "t": ${fact}`);
  });
});
