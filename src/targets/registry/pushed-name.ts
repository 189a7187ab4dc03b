import { parseReference } from '../../oci/reference.ts';

/** An image in a receipt. */
export interface PushedName {
  readonly host: string;
  readonly repository: string;
  readonly tagOrDigest: string;
}

/**
 * Parses the name of an image in a receipt; returns `undefined` when it is not one. The first part is always the host,
 * even where a reference would not parse it so, because receipts always have one.
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
