/** Kinds of signing keys, the usual one first. */
export const KEY_TYPES = ['ed25519', 'p256'] as const;
export type KeyType = (typeof KEY_TYPES)[number];
