import type { IncomingHttpHeaders } from 'node:http';
import type { Digest } from '../../oci/digest.ts';

/** Returns the entity tag of content: its digest, as strong as a tag can be (RFC 9110, 8.8.3). */
export function entityTag(digest: Digest): string {
  return `"${digest}"`;
}

/** Returns whether the client has this content already (`If-None-Match`, RFC 9110, 13.1.2). */
export function isKnownToClient(headers: IncomingHttpHeaders, digest: Digest): boolean {
  const header = headers['if-none-match'];
  if (header === undefined) return false;
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(entityTag(digest));
}

/** Returns whether a range may be answered: with `If-Range`, only of the very same content (RFC 9110, 13.1.5). */
export function mayAnswerRange(headers: IncomingHttpHeaders, digest: Digest): boolean {
  const condition = headers['if-range'];
  return condition === undefined || condition === entityTag(digest);
}
