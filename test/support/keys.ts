import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyType } from '../../src/bundle/signing/key-types.ts';
import type { Trust } from '../../src/bundle/signing/trust.ts';

/** A pair of keys, as objects and as PEM. */
export interface TestKeys {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly privatePem: string;
  readonly publicPem: string;
}

/** Returns a new pair of keys. */
export function testKeys(type: KeyType = 'ed25519'): TestKeys {
  const encoding = {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  } as const;
  const { privateKey, publicKey } =
    type === 'p256'
      ? generateKeyPairSync('ec', { namedCurve: 'prime256v1', ...encoding })
      : type === 'ed25519'
        ? generateKeyPairSync(type, encoding)
        : generateKeyPairSync(type, encoding);
  return { ...keysOf(privateKey), publicPem: publicKey };
}

/** Returns who trusts these keys. */
export function trusting(...keys: readonly TestKeys[]): Trust {
  return { keys: keys.map(({ publicKey }) => publicKey), from: '"trusted.pem"' };
}

/** Writes both halves into a folder; returns their paths. */
export function writeKeys(
  folder: string,
  keys: TestKeys,
  name = 'lab.key',
): { readonly key: string; readonly pub: string } {
  const [key, pub] = [join(folder, name), join(folder, `${name}.pub`)];
  writeFileSync(key, keys.privatePem);
  writeFileSync(pub, keys.publicPem);
  return { key, pub };
}

function keysOf(privatePem: string): Omit<TestKeys, 'publicPem'> {
  const privateKey = createPrivateKey(privatePem);
  return { privateKey, publicKey: createPublicKey(privateKey), privatePem };
}
