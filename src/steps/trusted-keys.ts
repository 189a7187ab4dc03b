import { parsePublicKeys } from '../bundle/signing/signing-key.ts';
import type { Trust } from '../bundle/signing/prove.ts';
import type { WaitOptions } from '../oci/roles.ts';
import { readTextFile } from '../disk/read-text.ts';
import { statOf } from '../disk/stat.ts';
import { trustedKeyPath } from '../targets/host-paths.ts';
import { hostEnvironment, type Surroundings } from './surroundings.ts';

/** No file of keys is larger than this (bytes). */
const LIMIT = 256 * 1024;
/** The variable that names trusted keys in place of the file: a path, or the keys themselves in PEM. */
const VARIABLE = 'SADDLEBAG_TRUSTED_KEY';

/**
 * Returns the keys that must have signed a bundle: those of the file `key`, else of `SADDLEBAG_TRUSTED_KEY`, else of
 * `trusted.pem` in the user's configuration folder; `undefined` when there are none.
 *
 * @throws `ERR_KEY_INVALID`: a key that exists but cannot be read is never ignored
 */
export async function trustedKeys(
  key: string | undefined,
  surroundings: Surroundings,
  options: WaitOptions = {},
): Promise<Trust | undefined> {
  if (key !== undefined) return await trustIn(key, 'public key', options);
  const variable = surroundings.env[VARIABLE] ?? '';
  if (variable.includes('-----BEGIN')) {
    return { from: VARIABLE, keys: parsePublicKeys(variable, { name: `public key in ${VARIABLE}` }) };
  }
  if (variable !== '') return await trustIn(variable, `public key of ${VARIABLE}`, options);
  const path = trustedKeyPath(hostEnvironment(surroundings));
  return (await isThere(path)) ? await trustIn(path, 'trusted key', options) : undefined;
}

async function trustIn(path: string, what: string, options: WaitOptions): Promise<Trust> {
  const pem = await readTextFile(path, { what, code: 'ERR_KEY_INVALID', limit: LIMIT }, options);
  const quoted = JSON.stringify(path);
  return { from: quoted, keys: parsePublicKeys(pem, { name: `${what} ${quoted}` }) };
}

/**
 * A dangling link counts as a key file, and so does a path that cannot be examined: someone meant to trust a key here.
 */
async function isThere(path: string): Promise<boolean> {
  try {
    return (await statOf(path, { follow: false })) !== undefined;
  } catch {
    return true;
  }
}
