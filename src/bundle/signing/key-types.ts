/**
 * Kinds of signing keys, the usual one first, and what signatures by them are called. ML-DSA-65 (FIPS 204) is for those who
 * fear quantum computers; it needs a Node.js with OpenSSL 3.5, and more room than the usual one.
 */
export const KEY_TYPES = ['ed25519', 'p256', 'ml-dsa-65'] as const;
export type KeyType = (typeof KEY_TYPES)[number];
