import { digestOf, hexOf } from '../../oci/digest.ts';

/** Enough hex digits to tell the URLs of one spec apart. */
const FINGERPRINT_LENGTH = 16;
const FINGERPRINT = /^\?query-sha256=[0-9a-f]{16}$/;

/**
 * Returns a URL's name in a lock. User and fragment are left out, and the query is reduced to a fingerprint: each may hold a
 * credential, and everyone may read a lock.
 */
export function lockedUrl(url: string): string {
  const { protocol, host, pathname, search } = new URL(url);
  const plain = `${protocol}//${host}${pathname}`;
  if (search === '') return plain;
  return `${plain}?query-sha256=${hexOf(digestOf(search)).slice(0, FINGERPRINT_LENGTH)}`;
}

/** Returns whether `text` is what {@link lockedUrl} can return. */
export function isLockedUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.host === '') return false;
  const query = FINGERPRINT.test(url.search) ? url.search : '';
  return `${url.protocol}//${url.host}${url.pathname}${query}` === text;
}
