/** The key that a bundle must be signed with, for every command that reads a bundle. */
export const KEY_OPTION = [
  '--key',
  'PEM',
  'the public key that must have signed the bundle, instead of the one trusted on this host',
] as const;

/** The key that `bundle build` signs with. */
export const SIGN_KEY_OPTION = [
  '--sign-key',
  'PEM',
  'sign the bundle with this private key; SADDLEBAG_KEY_PASSPHRASE is its passphrase',
] as const;
