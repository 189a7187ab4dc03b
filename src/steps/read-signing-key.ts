import type { KeyObject } from 'node:crypto';
import { parsePrivateKey } from '../bundle/signing/signing-key.ts';
import type { WaitOptions } from '../oci/roles.ts';
import type { Surroundings } from './surroundings.ts';
import { readTextFile } from '../disk/read-text.ts';

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

/** Returns the passphrase from the environment, if any; an empty one counts as unset. */
export function passphraseIn({ env }: Surroundings): string | undefined {
  const passphrase = env[PASSPHRASE];
  return passphrase === '' ? undefined : passphrase;
}
