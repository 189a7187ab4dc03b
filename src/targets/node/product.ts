import type { ReleaseTag } from '../../products/distribution/tag.ts';

/** What a node runs, as far as targets are concerned. */
export interface NodeProduct {
  /** Kind of its items, and its key of the spec. */
  readonly kind: 'k3s' | 'rke2';
  /** For messages: `K3s`. */
  readonly name: string;
  readonly parse: (tag: string) => ReleaseTag | undefined;
  /** Folder of the archives that a node imports, below its root. */
  readonly images: string;
  /** Units of systemd that run it. */
  readonly units: readonly string[];
  /** Package with its policy for SELinux, and the file that the package brings, below the root. */
  readonly selinux: { readonly package: string; readonly policy: string };
  /** Folders on the node, below its root, whose filesystems must let programs start. */
  readonly programs: readonly string[];
}
