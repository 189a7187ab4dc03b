import type { Descriptor } from '../../oci/descriptor.ts';
import type { PlacedFile } from './traces.ts';

/** Returns what a receipt says of a file that was placed whole. */
export function placedFile(path: string, { digest, size }: Pick<Descriptor, 'digest' | 'size'>): PlacedFile {
  return { path, digest, size };
}
