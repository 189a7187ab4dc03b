/** Arguments for `listOption`: the option that names bundles to take blobs from. */
export const BASE_OPTION = [
  '--base',
  'BUNDLE',
  'a bundle to take from what this one counts on, or does not have intact; may be repeated',
] as const;
