/** Annotation keys used in a bundle: OCI image-spec `annotations.md`, and containerd's `images/annotations.go`. */
export const ANNOTATION = {
  /** Full image name; containerd and K3s use it verbatim. */
  containerdName: 'io.containerd.image.name',
  /** Full image name as well: skopeo selects an image of a layout by it. */
  refName: 'org.opencontainers.image.ref.name',
  /** File name of a layer of an artifact, or its path. */
  title: 'org.opencontainers.image.title',
  /** Digest of the upstream index from which a narrower index was made. */
  sourceDigest: 'dev.saddlebag.source.digest',
  /** `true` on a file that must be executable once installed. */
  executable: 'dev.saddlebag.file.executable',
  /** Where a symbolic link leads, relative to its folder. */
  link: 'dev.saddlebag.file.link',
  /** `true` on a folder. */
  folder: 'dev.saddlebag.file.folder',
} as const;
