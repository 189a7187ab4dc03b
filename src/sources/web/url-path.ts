/** Returns the URL of `parts` below `base`. Each part is encoded, so that the `+` of a K3s tag is `%2B` as GitHub writes it. */
export function urlBelow(base: string, ...parts: readonly string[]): string {
  return [base.replace(/\/+$/, ''), ...parts.map((part) => encodeURIComponent(part))].join('/');
}
