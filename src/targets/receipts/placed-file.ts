import type { Descriptor } from '../../oci/descriptor.ts';
import type { PlacedFile } from './traces.ts';

/** Returns the receipt entry of a file that was placed whole. */
export function placedFile(path: string, { digest, size }: Pick<Descriptor, 'digest' | 'size'>): PlacedFile {
  return { path, digest, size };
}
