/**
 * Returns the fewest minors of kubectl that cover every server minor. A client works with servers from one minor below its own
 * to one above. For the lowest server not covered yet, the client one minor above reaches furthest; it is chosen if it exists
 * and covers more than the client of the same minor would.
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
