import type { Descriptor } from '../../oci/descriptor.ts';
import { matchesPlatform, type Platform } from '../../oci/platform.ts';

/** A manifest of an index and its platform. */
export interface PlatformOffer {
  readonly descriptor: Descriptor;
  readonly platform: Platform;
}

export interface PlatformChoice {
  /** In the order offered. */
  readonly chosen: readonly PlatformOffer[];
  /** Requested, but not offered. */
  readonly missing: readonly Platform[];
}

/** 32-bit ARM, in the order containerd prefers (`platforms/compare.go`): v7 unless the request says otherwise. */
const ARM_VARIANTS = ['v7', 'v6', 'v5', 'v8'];

/**
 * Returns the manifests of an index to keep. For one platform that is one manifest: the one without a variant, else the most
 * common variant. For several platforms it is an index with every match, from which the host chooses. A Windows image is built
 * for one Windows build (`os.version`) and a bundle does not know the host's, so all of them are kept in either case.
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

/** Indexes carry attestations as manifests for a platform that does not exist (BuildKit, "attestation storage"). */
export function isImagePlatform(platform: Platform): boolean {
  return platform.os !== 'unknown' || platform.architecture !== 'unknown';
}

function byUsualness(left: PlatformOffer, right: PlatformOffer): number {
  return rankOf(left.platform) - rankOf(right.platform);
}

/** amd64 and arm64 number their variants by required CPU features: the lowest runs on most machines. */
function rankOf({ architecture, variant }: Platform): number {
  if (variant === undefined) return -1;
  const rank = architecture === 'arm' ? ARM_VARIANTS.indexOf(variant) : Number(variant.replace(/^v/, ''));
  return rank >= 0 ? rank : Number.MAX_SAFE_INTEGER;
}
