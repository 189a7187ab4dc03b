import type { VersionRange } from './range.ts';

/** Which part of a catalog to carry. */
export interface CatalogWish {
  /** Every version, in place of the newest of each channel. */
  readonly full: boolean;
  /** Left out: all packages. */
  readonly packages?: readonly PackageWish[] | undefined;
}

/** An operator, or some of its channels or versions. */
export interface PackageWish extends VersionRange {
  readonly name: string;
  /** In place of the one that the catalog names. */
  readonly defaultChannel?: string | undefined;
  /** Left out: all of them. */
  readonly channels?: readonly ChannelWish[] | undefined;
}

export interface ChannelWish extends VersionRange {
  readonly name: string;
}
