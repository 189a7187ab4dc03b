/** Returns where the parity file of a bundle is; `base` is the path of the bundle, or what its volumes would be in one. */
export function parityPath(base: string): string {
  return `${base}.par`;
}
