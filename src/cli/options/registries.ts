/** The file of `--registries`, for every command that reads a bundle in a registry. */
export const REGISTRIES_OPTION = [
  '--registries',
  'FILE',
  'a registries.yaml with mirrors, certificates and credentials of registries',
] as const;
