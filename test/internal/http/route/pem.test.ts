import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pemFault, type PemUse } from '../../../../src/internal/http/route/pem.ts';
import { type Authority, createAuthority } from '../../../support/http/authority.ts';

let authority: Authority;
beforeAll(async () => {
  authority = await createAuthority();
});
afterAll(() => authority[Symbol.asyncDispose]());

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const KEY = privateKey.export({ type: 'pkcs8', format: 'pem' });
const SEC1 = privateKey.export({ type: 'sec1', format: 'pem' });
const encryption = { cipher: 'aes-256-cbc', passphrase: 'x' } as const;
const ENCRYPTED = privateKey.export({ type: 'pkcs8', format: 'pem', ...encryption });
const LEGACY = privateKey.export({ type: 'sec1', format: 'pem', ...encryption });

describe('pemFault', () => {
  it.each<[string, PemUse, (cert: string) => string]>([
    ['a certificate', 'certificate', (cert) => cert],
    ['line ends of Windows', 'certificate', (cert) => cert.replaceAll('\n', '\r\n')],
    ['a mark of Windows before it', 'certificate', (cert) => `\uFEFF${cert}`],
    ['text before and after it', 'certificate', (cert) => `Bag Attributes\n  name: x\n${cert}\nbye\n`],
    ['two certificates', 'certificate', (cert) => `${cert}${cert}`],
    ['a certificate with its key', 'certificate', (cert) => `${KEY}${cert}`],
    ['no line end at the end', 'certificate', (cert) => cert.trim()],
    ['a key', 'key', () => KEY],
    ['a key in an older form', 'key', () => SEC1],
    ['a key with its certificate', 'key', (cert) => `${cert}${KEY}`],
  ])('takes %s', (_what, use, make) => {
    expect(pemFault(make(authority.cert), use)).toBeUndefined();
  });

  it.each<[string, PemUse, (cert: string) => string, string]>([
    ['nothing', 'certificate', () => '', 'no PEM text'],
    ['a page', 'certificate', () => '<html>login</html>', 'no PEM text'],
    ['UTF-16', 'certificate', (cert) => Buffer.from(cert, 'utf16le').toString(), 'no PEM text'],
    [
      'an export of Windows',
      'certificate',
      (cert) => cert.replaceAll('CERTIFICATE', 'PKCS7'),
      'no certificate',
    ],
    [
      'a request',
      'certificate',
      (cert) => cert.replaceAll('CERTIFICATE', 'CERTIFICATE REQUEST'),
      'no certificate',
    ],
    ['a key', 'certificate', () => KEY, 'no certificate'],
    [
      'a public key',
      'certificate',
      () => '-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----',
      'no certificate',
    ],
    ['half a certificate', 'certificate', (cert) => cert.slice(0, 200), 'no certificate'],
    [
      'a second one cut in half',
      'certificate',
      (cert) => `${cert}${cert.slice(0, 200)}`,
      'in the middle of a certificate',
    ],
    [
      'a first one without its end',
      'certificate',
      (cert) => `${cert.slice(0, 200)}\n${cert}`,
      'in the middle of a certificate',
    ],
    [
      'a damaged one',
      'certificate',
      (cert) => cert.replace(/M[A-Za-z0-9]{20}/, 'M'),
      'its certificate 1 cannot be read',
    ],
    [
      'a damaged second one',
      'certificate',
      (cert) => `${cert}${cert.replace(/M[A-Za-z0-9]{20}/, 'M')}`,
      'its certificate 2 cannot be read',
    ],
    ['a certificate', 'key', (cert) => cert, 'no private key'],
    [
      'a public key',
      'key',
      () => '-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----',
      'no private key',
    ],
    ['half a key', 'key', () => KEY.slice(0, 100), 'no private key'],
    ['a key with a passphrase', 'key', () => ENCRYPTED, 'has a passphrase'],
    ['a key with a passphrase, in an older form', 'key', () => LEGACY, 'has a passphrase'],
  ])('refuses %s', (_what, use, make, fault) => {
    expect(pemFault(make(authority.cert), use)).toContain(fault);
  });
});
