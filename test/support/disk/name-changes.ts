/** Calls that make, move or remove a name; `open` does where it creates. */
export const NAME_CHANGES = [
  'rename',
  'mkdir',
  'link',
  'copyFile',
  'writeFile',
  'rm',
  'rmdir',
  'unlink',
  'open',
] as const;
