import type { Content } from '../disk/place.ts';
import type { Digest } from '../oci/digest.ts';
import { digestOf } from '../oci/digest.ts';

/** A file that a kit is to have. */
export interface KitFile {
  /** Relative to the kit's folder, with slashes. */
  readonly path: string;
  readonly digest: Digest;
  /** bytes */
  readonly size: number;
  readonly isProgram: boolean;
  readonly open: () => Content;
}

/** Returns a small file of a kit. */
export function smallFile(
  path: string,
  content: string | Uint8Array,
  { isProgram = false }: { readonly isProgram?: boolean } = {},
): KitFile {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return { path, digest: digestOf(bytes), size: bytes.length, isProgram, open: () => bytes };
}
