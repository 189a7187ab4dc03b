/** The registry that nodes are to pull from, and how images are called there. */
export interface Site {
  /** Host with its port. */
  readonly host: string;
  /** Path that every repository goes under; empty for none. */
  readonly prefix: string;
  readonly scheme: 'https' | 'http';
  /** Path, on the node, of the certificate of the authority that signed the registry's own. */
  readonly caFile?: string | undefined;
  /** Its password is nobody's business here: the files hold a placeholder. */
  readonly username?: string | undefined;
  /** Registries whose images nodes ask for by their original names, such as `docker.io`. */
  readonly sources: readonly string[];
  /** Full references of the images that are known to be there, as far as any are. */
  readonly images?: readonly string[] | undefined;
  /** Returns the repository, prefix included, that the image of a full reference has at the registry. */
  readonly repositoryOf: (reference: string) => string;
}

/** A file for a node. */
export interface ConfigFile {
  /** Where it belongs, from the folder that its kind has. */
  readonly path: string;
  readonly text: string;
}

/** Stands for the password, in the form that `envsubst` and Saddlebag itself replace. */
export const PASSWORD_PLACEHOLDER = '${REGISTRY_PASSWORD}';
/** Stands for base64 of `username:password`. */
export const BASIC_PLACEHOLDER = '${REGISTRY_BASIC_AUTH}';

/** Returns `https://host[:port]`. */
export function originOf({ scheme, host }: Site): string {
  return `${scheme}://${host}`;
}

/**
 * Returns what Rancher puts in front of `rancher/…`: its `system-default-registry`, without a scheme. It follows from where
 * an image of that namespace is, so it fits every naming.
 */
export function systemDefaultRegistry(site: Site): string {
  const image = 'rancher/name';
  const path = site.repositoryOf(`docker.io/${image}`).slice(0, -image.length);
  return `${site.host}/${path}`.replace(/\/$/, '');
}
