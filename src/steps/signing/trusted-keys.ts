import { fingerprintOf, parsePublicKeys } from '../../bundle/signing/signing-key.ts';
import type { Trust } from '../../bundle/signing/prove.ts';
import { SaddlebagError } from '../../internal/error.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { readTextFile } from '../../disk/read-text.ts';
import { statOf } from '../../disk/stat.ts';
import { trustedKeyPath } from '../../targets/host-paths.ts';
import { hostEnvironment, type Surroundings } from '../surroundings.ts';

/** No file of keys is larger than this (bytes). */
const LIMIT = 256 * 1024;
/** The variable that names trusted keys in place of the file: a path, or the keys themselves in PEM. */
const VARIABLE = 'SADDLEBAG_TRUSTED_KEY';

/** Which keys a verb is given. */
export interface TrustWish {
  /** Paths of the public keys that must have signed it, in place of the keys trusted on this host. */
  readonly key?: string | readonly string[] | undefined;
  /** How many different ones of the keys must have signed it; one when left out. */
  readonly keysNeeded?: number | undefined;
}

/**
 * Returns the keys that must have signed a bundle: those of the files `key`, else of `SADDLEBAG_TRUSTED_KEY`, else of
 * `trusted.pem` in the user's configuration folder; `undefined` when there are none. With `needed`, so many of them must have.
 *
 * @throws `ERR_KEY_INVALID`: a key that exists but cannot be read is never ignored; `ERR_USAGE_INVALID` when more are needed
 * than there are
 */
export async function trustedKeys(
  key: string | readonly string[] | undefined,
  surroundings: Surroundings,
  options: WaitOptions & { readonly needed?: number | undefined } = {},
): Promise<Trust | undefined> {
  const { needed } = options;
  const trust = await keysOf(typeof key === 'string' ? [key] : (key ?? []), surroundings, options);
  if (needed === undefined) return trust;
  const count = new Set(trust?.keys.map(fingerprintOf)).size;
  if (trust !== undefined && count >= needed) return { ...trust, needed };
  throw new SaddlebagError(
    'ERR_USAGE_INVALID',
    `Cannot ask for signatures by ${needed} keys: ${trust === undefined ? 'none is given' : `${trust.from} has ${count}`}`,
    { hint: 'Give each key with --key, or all of them in one file.' },
  );
}

async function keysOf(
  paths: readonly string[],
  surroundings: Surroundings,
  options: WaitOptions,
): Promise<Trust | undefined> {
  if (paths.length > 0) {
    const trusts = await Promise.all(paths.map(async (path) => await trustIn(path, 'public key', options)));
    return { keys: trusts.flatMap(({ keys }) => keys), from: trusts.map(({ from }) => from).join(', ') };
  }
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
