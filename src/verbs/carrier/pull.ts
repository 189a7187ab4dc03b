import type { Form } from '../../bundle/shape.ts';
import { type NetworkWish, parseCarrierName } from '../../steps/carrier.ts';
import type { Ears } from '../../steps/ears.ts';
import type { TrustWish } from '../../steps/signing/trusted-keys.ts';
import type { Surroundings } from '../../steps/surroundings.ts';
import { convertBundle, type ConvertProgress, type ConvertResult } from '../convert.ts';

/** What to pull, and where to write it. */
export interface PullWish extends TrustWish, NetworkWish {
  /** `HOST[:PORT]/REPOSITORY[:TAG][@DIGEST]`, with or without `oci://`. */
  readonly reference: string;
  /** Where to write the bundle. */
  readonly out: string;
  /** Output form; derived from the file name when left out. */
  readonly form?: Form | undefined;
  /** Maximum size of each file of the output (bytes). */
  readonly volumeSize?: number | undefined;
  /** Bundles to take blobs from that need not be pulled. What is at `out` is one of them. */
  readonly reuse?: readonly string[] | undefined;
}

/**
 * Makes a file of a bundle in a registry, in any shape: byte for byte the one that a build would have written. A pull that was
 * interrupted continues where it stopped, inside the blobs it was in.
 *
 * @throws `ERR_REFERENCE_INVALID`; what `convertBundle` throws
 */
export async function pullBundle(
  wish: PullWish,
  surroundings: Surroundings,
  ears: Ears<ConvertProgress> = {},
): Promise<ConvertResult> {
  const { out, form, volumeSize, reuse, key, keysNeeded, registriesFile, caFile } = wish;
  const path = `oci://${parseCarrierName(wish.reference).reference}`;
  const conversion = { path, out, form, volumeSize, reuse, key, keysNeeded, registriesFile, caFile };
  return await convertBundle(conversion, surroundings, ears);
}
