import type { FileAtTarget } from '../placed-files.ts';

/** A file of a release and its place on the node. */
export interface NodeFile extends FileAtTarget {
  readonly role: 'images' | 'sums' | 'installer' | 'executable' | 'tarball';
  /** Whether the sums file of the release may lack it: some releases make their images for Windows after it. */
  readonly mayLackSum?: boolean | undefined;
}
