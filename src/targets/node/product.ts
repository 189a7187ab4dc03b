import type { ReleaseTag } from '../../products/distribution/tag.ts';

/** What a node runs, as far as targets are concerned. */
export interface NodeProduct {
  /** Kind of its items, and its key of the spec. */
  readonly kind: 'k3s' | 'rke2';
  /** For messages: `K3s`. */
  readonly name: string;
  readonly parse: (tag: string) => ReleaseTag | undefined;
  /** Returns the tag in the name of a folder that a release is unpacked into, for a product that names them so. */
  readonly folderTag: (name: string) => string | undefined;
  /** Where a node shows which release it has; paths below its root. */
  readonly marks: {
    /** What the release that was started last has unpacked. */
    readonly started: string;
    /** Places of its program, the usual one first. */
    readonly executables: readonly string[];
  };
  /** Folder of the archives that a node imports, below its root. */
  readonly images: string;
  /** Units of systemd that run it. */
  readonly units: readonly string[];
  /** Package with its policy for SELinux, and the file that the package brings, below the root. */
  readonly selinux: { readonly package: string; readonly policy: string };
  /** Folders on the node, below its root, whose filesystems must let programs start. */
  readonly programs: readonly string[];
}
