import type { Finding } from '../internal/finding.ts';

/** The registry that nodes pull from, and the names of images there. */
export interface Site {
  /** Host and port. */
  readonly host: string;
  /** Path in front of every repository; empty for none. */
  readonly prefix: string;
  readonly scheme: 'https' | 'http';
  /** Path, on the node, of the CA certificate that signed the registry's own. */
  readonly caFile?: string | undefined;
  /** The password never appears here: the files hold a placeholder. */
  readonly username?: string | undefined;
  /** Registries whose images nodes request by their original names, such as `docker.io`. */
  readonly sources: readonly string[];
  /** Full references of the images known to be there, if any. */
  readonly images?: readonly string[] | undefined;
  /** Returns the repository, prefix included, that holds the image of a full reference. */
  readonly repositoryOf: (reference: string) => string;
}

/** A file for a node. */
export interface ConfigFile {
  /** Path relative to the folder of its kind. */
  readonly path: string;
  readonly text: string;
}

/** Configuration, and what it cannot express. */
export interface Rendered {
  readonly files: readonly ConfigFile[];
  readonly findings: readonly Finding[];
}

/** Placeholder for the password, in the form that `envsubst` and Saddlebag itself replace. */
export const PASSWORD_PLACEHOLDER = '${REGISTRY_PASSWORD}';
/** Placeholder for base64 of `username:password`. */
export const BASIC_PLACEHOLDER = '${REGISTRY_BASIC_AUTH}';

/** Returns `https://host[:port]`. */
export function originOf({ scheme, host }: Site): string {
  return `${scheme}://${host}`;
}

/**
 * Returns what Rancher puts in front of `rancher/…`: its `system-default-registry`, without a scheme. It is derived from
 * where an image of that namespace is, so it works with every naming.
 */
export function systemDefaultRegistry(site: Site): string {
  const image = 'rancher/name';
  const path = site.repositoryOf(`docker.io/${image}`).slice(0, -image.length);
  return `${site.host}/${path}`.replace(/\/$/, '');
}
