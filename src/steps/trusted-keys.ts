import { parsePublicKeys } from '../bundle/signing/signing-key.ts';
import type { Trust } from '../bundle/signing/trust.ts';
import type { WaitOptions } from '../oci/roles.ts';
import { readTextFile } from '../disk/read-text.ts';
import { statOf } from '../disk/stat.ts';
import { hostPlatformOf, trustedKeyPath } from '../targets/host-paths.ts';

/** Larger than any file of keys (bytes). */
const LIMIT = 256 * 1024;
/** The variable that trusts a key in place of the file: a path, or the keys themselves in PEM. */
const VARIABLE = 'SADDLEBAG_TRUSTED_KEY';

export interface TrustOptions extends WaitOptions {
  /** Path of a PEM file with the public key to be used in place of any that was set once and for all. */
  readonly key?: string | undefined;
  /** With `home`, where a trusted key may have been set; when one of the two is left out, only `key` counts. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Home folder of the user. */
  readonly home?: string | undefined;
  /** `process.platform` and `process.arch` of this host, when they are not to be asked. */
  readonly host?: { readonly platform: string; readonly arch: string } | undefined;
}

/**
 * Returns the keys whose signature is asked for: those of `key`, else of `SADDLEBAG_TRUSTED_KEY`, else of `trusted.pem` in
 * the user's configuration folder; `undefined` when there is none of them.
 *
 * @throws `ERR_KEY_INVALID`: a key that is there and cannot be read is never passed over
 */
export async function trustedKeys(options: TrustOptions): Promise<Trust | undefined> {
  const { key, env, home, host = process } = options;
  if (key !== undefined) return await trustIn(key, 'public key', options);
  if (env === undefined || home === undefined) return undefined;
  const variable = env[VARIABLE] ?? '';
  if (variable.includes('-----BEGIN')) {
    return { from: VARIABLE, keys: parsePublicKeys(variable, { name: `public key in ${VARIABLE}` }) };
  }
  if (variable !== '') return await trustIn(variable, `public key of ${VARIABLE}`, options);
  const { os } = hostPlatformOf(host.platform, host.arch);
  const path = trustedKeyPath({ os, env, home });
  return (await isThere(path)) ? await trustIn(path, 'trusted key', options) : undefined;
}

async function trustIn(path: string, what: string, options: WaitOptions): Promise<Trust> {
  const pem = await readTextFile(path, { what, code: 'ERR_KEY_INVALID', limit: LIMIT }, options);
  const quoted = JSON.stringify(path);
  return { from: quoted, keys: parsePublicKeys(pem, { name: `${what} ${quoted}` }) };
}

/** A link that leads nowhere is there: whoever put it there trusts a key. So is what cannot even be looked at. */
async function isThere(path: string): Promise<boolean> {
  try {
    return (await statOf(path, { follow: false })) !== undefined;
  } catch {
    return true;
  }
}
