import type { Digest } from '../../oci/digest.ts';

/** The registry that a cluster pulls from, and what of a bundle is there. */
export interface OpenshiftSite {
  /** Name of the bundle: objects of the cluster are named after it. */
  readonly name: string;
  /** Host with its port. */
  readonly host: string;
  /** Host with the path in front of every repository. */
  readonly place: string;
  /** Sorted by source. */
  readonly mirrors: readonly RepositoryMirror[];
  /** Ascending by name. */
  readonly releases: readonly ReleaseAtSite[];
  /** The certificate authority of the registry: PEM, as it is. */
  readonly certificate?: string | undefined;
  readonly catalogs: readonly CatalogAtSite[];
  /** Image streams of the Samples Operator, as far as the bundle says; sorted. */
  readonly samples?: { readonly carried: readonly string[]; readonly skipped: readonly string[] } | undefined;
}

/** Where the images of a repository are. */
export interface RepositoryMirror {
  /** Full name without tag: `quay.io/openshift-release-dev/ocp-release`. */
  readonly source: string;
  /** Full name at the registry. */
  readonly mirror: string;
  /** Whether it belongs to a release, which the installer needs. */
  readonly isRelease: boolean;
  /** Whether images of it are known by tag. */
  readonly hasTags: boolean;
}

/** A release at the registry. */
export interface ReleaseAtSite {
  /** `4.20.3-x86_64` */
  readonly name: string;
  readonly version: string;
  /** Reference of its must-gather image at the registry, by digest. */
  readonly mustGather?: string | undefined;
  /** Its signatures by what they sign, in the order of their numbers. */
  readonly signatures: readonly { readonly digest: Digest; readonly messages: readonly Uint8Array[] }[];
}

/** A catalog of operators at the registry. */
export interface CatalogAtSite {
  /** Full reference at its source. */
  readonly name: string;
  /** Reference at the registry. */
  readonly image: string;
}

/** Returns a name that a cluster accepts (RFC 1123), made of these words. */
export function objectName(...words: readonly string[]): string {
  return words
    .join('-')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 63)
    .replace(/-+$/, '');
}

/** Returns a reference or a host as YAML: only one that begins like an IPv6 address needs quotes. */
export function plainText(text: string): string {
  return /^[A-Za-z0-9]/.test(text) ? text : `'${text}'`;
}
