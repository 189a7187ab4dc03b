/** How much a `bundle.json` may hold: more than anyone packs, few enough to be held in memory. */
export const DOCUMENT_LIMITS = {
  items: 100_000,
  blobs: 500_000,
  files: 1000,
  /** Bundles that a delta counts on. */
  bases: 100,
  /** UTF-16 code units of a text; a reference with tag and digest has fewer than 500 characters. */
  text: 1024,
  /** Characters of a kind and of an audience. */
  kind: 64,
  /** Audiences of an item of an unknown kind. */
  audiences: 64,
  platforms: 100,
  architectures: 16,
  chartImages: 10_000,
  /** Names of an image at a registry. */
  places: 1000,
  /** Keys that a builder names for a release. */
  releaseKeys: 100,
  urls: 100,
  /** UTF-16 code units. */
  url: 8192,
  /** UTF-16 code units. */
  annotation: 65_536,
} as const;
