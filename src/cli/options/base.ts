/** Arguments for `listOption`: the option that names bundles to take blobs from. */
export const BASE_OPTION = [
  '--base',
  'BUNDLE',
  'a bundle to take content from that this one requires or has damaged; may be repeated',
] as const;
