/** Returns the URL of `parts` below `base`. Each part is encoded, so the `+` of a K3s tag becomes `%2B`, as on GitHub. */
export function urlBelow(base: string, ...parts: readonly string[]): string {
  return [base.replace(/\/+$/, ''), ...parts.map((part) => encodeURIComponent(part))].join('/');
}
