import type { WaitOptions } from '../../oci/roles.ts';
import type { OpenBundle } from '../bundle.ts';
import { readBundle } from '../open.ts';
import type { Trust } from '../signing/trust.ts';
import { type CarrierPlace, openCarrierArchive } from './archive.ts';

export type { CarrierForm } from './layout.ts';
export { pushCarrier } from './push.ts';

/**
 * Opens a bundle in a repository of a registry, in place. As with a file, only its head is read, and its signature is proven
 * before anything else if one is required.
 *
 * @throws what `openBundle` throws for a file; `ERR_DIGEST_MISMATCH`, `ERR_SIZE_MISMATCH` for a head that is not what the
 * carrier says; what the repository throws
 */
export async function openCarried(
  place: CarrierPlace,
  options: WaitOptions & { readonly trust?: Trust | undefined } = {},
): Promise<OpenBundle> {
  const { trust, signal } = options;
  const archive = await openCarrierArchive(place, { signal });
  return await readBundle(archive, { path: place.path, trust, signal });
}
