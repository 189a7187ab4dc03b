import { parseReference } from '../../oci/reference.ts';

/** An image that a receipt tells of. */
export interface PushedName {
  readonly host: string;
  readonly repository: string;
  readonly tagOrDigest: string;
}

/**
 * Returns the parts of the name of an image in a receipt, or `undefined` when it is none. The first part is the host even where a reference would not need one: that is how receipts
 * are written.
 */
export function parsePushedName(destination: string): PushedName | undefined {
  const slash = destination.indexOf('/');
  const host = destination.slice(0, Math.max(0, slash));
  try {
    const { repository, tag, digest } = parseReference(`registry.invalid/${destination.slice(slash + 1)}`);
    const tagOrDigest = digest ?? tag;
    return host === '' || tagOrDigest === undefined ? undefined : { host, repository, tagOrDigest };
  } catch {
    return undefined;
  }
}
