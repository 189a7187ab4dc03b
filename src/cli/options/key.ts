import { parseCount } from './values.ts';

/** The key that a bundle must be signed with, for every command that reads a bundle. */
export const KEY_OPTION = [
  '--key',
  'PEM',
  'a public key that must have signed the bundle, instead of those trusted on this host; may be repeated, and any counts',
] as const;

/** How many of the keys must have signed it. */
export const KEYS_NEEDED_OPTION = [
  '--keys-needed',
  'N',
  'how many different ones of the keys must have signed the bundle; one when left out',
] as const;

/** Returns the values of both options. @throws `ERR_USAGE_INVALID` */
export function trustOf(options: {
  readonly key: readonly string[] | undefined;
  readonly keysNeeded: string | undefined;
}): { readonly key: readonly string[] | undefined; readonly keysNeeded: number | undefined } {
  const { key, keysNeeded } = options;
  return {
    key,
    keysNeeded:
      keysNeeded === undefined ? undefined : parseCount('--keys-needed', keysNeeded, { min: 1, max: 100 }),
  };
}

/** The key that `bundle build` signs with. */
export const SIGN_KEY_OPTION = [
  '--sign-key',
  'PEM',
  'sign the bundle with this private key; SADDLEBAG_KEY_PASSPHRASE is its passphrase',
] as const;
