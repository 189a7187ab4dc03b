import { createPublicKey, type KeyObject } from 'node:crypto';
import { parsePrivateKey, parsePublicKeys } from '../../bundle/signing/signing-key.ts';
import { SaddlebagError } from '../../internal/error.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { Surroundings } from '../surroundings.ts';
import { readTextFile } from '../../disk/read-text.ts';

/** No key file is larger than this (bytes). */
const LIMIT = 64 * 1024;
/**
 * The variable with the passphrase of an encrypted key. There is no option for it: others could read it in the process
 * list.
 */
const PASSPHRASE = 'SADDLEBAG_KEY_PASSPHRASE';

/**
 * Returns the private key from a PEM file.
 *
 * @throws `ERR_KEY_INVALID`
 */
export async function readSigningKey(
  path: string,
  surroundings: Surroundings,
  options: WaitOptions = {},
): Promise<KeyObject> {
  const what = 'signing key';
  const pem = await readTextFile(path, { what, code: 'ERR_KEY_INVALID', limit: LIMIT }, options);
  return parsePrivateKey(pem, {
    name: `${what} ${JSON.stringify(path)}`,
    passphrase: passphraseIn(surroundings),
  });
}

/**
 * Returns the public half of the key in a PEM file, which may have either half, and one key alone.
 *
 * @throws `ERR_KEY_INVALID`
 */
export async function readEitherKey(
  path: string,
  surroundings: Surroundings,
  options: WaitOptions = {},
): Promise<KeyObject> {
  const pem = await readTextFile(path, { what: 'key', code: 'ERR_KEY_INVALID', limit: LIMIT }, options);
  const name = `key ${JSON.stringify(path)}`;
  if (pem.includes('PRIVATE KEY-----')) {
    return createPublicKey(parsePrivateKey(pem, { name, passphrase: passphraseIn(surroundings) }));
  }
  const [key, ...others] = parsePublicKeys(pem, { name });
  if (key !== undefined && others.length === 0) return key;
  throw new SaddlebagError(
    'ERR_KEY_INVALID',
    `Cannot read ${name}: it holds ${others.length + 1} keys, and one is meant`,
  );
}

/** Returns the passphrase from the environment, if any; an empty one counts as unset. */
export function passphraseIn({ env }: Surroundings): string | undefined {
  const passphrase = env[PASSPHRASE];
  return passphrase === '' ? undefined : passphrase;
}
