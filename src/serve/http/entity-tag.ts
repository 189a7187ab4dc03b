import type { IncomingHttpHeaders } from 'node:http';
import type { Digest } from '../../oci/digest.ts';

/** Returns the entity tag of content: its digest, which is a strong validator (RFC 9110, 8.8.3). */
export function entityTag(digest: Digest): string {
  return `"${digest}"`;
}

/** Returns whether the client already has this content (`If-None-Match`, RFC 9110, 13.1.2). */
export function isKnownToClient(headers: IncomingHttpHeaders, digest: Digest): boolean {
  const header = headers['if-none-match'];
  if (header === undefined) return false;
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(entityTag(digest));
}

/** Returns whether a range may be served: `If-Range` requires exactly the same content (RFC 9110, 13.1.5). */
export function mayAnswerRange(headers: IncomingHttpHeaders, digest: Digest): boolean {
  const condition = headers['if-range'];
  return condition === undefined || condition === entityTag(digest);
}
