import { isAbsolute, relative, sep } from 'node:path';

/** Returns whether `inner` is `outer` or lies inside it. */
export function isWithin(outer: string, inner: string): boolean {
  const way = relative(outer, inner);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}
