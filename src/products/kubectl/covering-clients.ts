/**
 * Returns the fewest minors of kubectl that serve every server minor: a client works with servers one minor below to one
 * above its own. From the lowest server not served yet, the client one above reaches furthest; it is taken when it exists
 * and serves more than the client of the very same minor would.
 */
export function coveringMinors(
  servers: Iterable<number>,
  isAvailable: (minor: number) => boolean,
): readonly number[] {
  const chosen: number[] = [];
  let left = [...new Set(servers)].sort((a, b) => a - b);
  for (let lowest = left[0]; lowest !== undefined; lowest = left[0]) {
    const own = lowest;
    const isAlone = !left.some((minor) => minor > own && minor <= own + 2);
    const client = !isAlone && isAvailable(own + 1) ? own + 1 : own;
    chosen.push(client);
    left = left.filter((minor) => minor > client + 1);
  }
  return chosen;
}
