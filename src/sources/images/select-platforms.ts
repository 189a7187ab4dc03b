import type { Descriptor } from '../../oci/descriptor.ts';
import { matchesPlatform, type Platform } from '../../oci/platform.ts';

/** A manifest of an index and what it runs on. */
export interface PlatformOffer {
  readonly descriptor: Descriptor;
  readonly platform: Platform;
}

export interface PlatformChoice {
  /** In the order offered. */
  readonly chosen: readonly PlatformOffer[];
  /** Wanted, and not offered. */
  readonly missing: readonly Platform[];
}

/** 32-bit ARM, in the order containerd prefers them (`platforms/compare.go`): v7 unless something else is asked for. */
const ARM_VARIANTS = ['v7', 'v6', 'v5', 'v8'];

/**
 * Returns what of an index is wanted. One platform wants one manifest: the one without a variant, else the most usual
 * variant. Several want an index, in which every match is kept for the host to choose from. Windows images are made for
 * one Windows build each (`os.version`) and a bundle does not know the host's, so all of them are kept in either case.
 */
export function selectPlatforms(
  offers: readonly PlatformOffer[],
  wanted: readonly Platform[],
): PlatformChoice {
  const images = offers.filter(({ platform }) => isImagePlatform(platform));
  const matches = wanted.map((platform) =>
    images.filter((offer) => matchesPlatform(platform, offer.platform)),
  );
  const kept = new Set(
    matches.flatMap((found, index) =>
      wanted.length > 1 || wanted[index]?.os === 'windows' ? found : found.toSorted(byUsualness).slice(0, 1),
    ),
  );
  return {
    chosen: images.filter((offer) => kept.has(offer)),
    missing: wanted.filter((_, index) => matches[index]?.length === 0),
  };
}

/** Attestations travel in indexes as manifests for a platform that does not exist (BuildKit, "attestation storage"). */
export function isImagePlatform(platform: Platform): boolean {
  return platform.os !== 'unknown' || platform.architecture !== 'unknown';
}

function byUsualness(left: PlatformOffer, right: PlatformOffer): number {
  return rankOf(left.platform) - rankOf(right.platform);
}

/** amd64 and arm64 number their variants by what a processor must have: the lowest runs on most. */
function rankOf({ architecture, variant }: Platform): number {
  if (variant === undefined) return -1;
  const rank = architecture === 'arm' ? ARM_VARIANTS.indexOf(variant) : Number(variant.replace(/^v/, ''));
  return rank >= 0 ? rank : Number.MAX_SAFE_INTEGER;
}
