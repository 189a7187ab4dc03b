import { mirrorOf, movedMirrorOf } from './mirror.ts';
import type { Site } from './site.ts';

/**
 * Returns the rewrites that lead a node from the names of a source to where its images are; empty when those are the same.
 *
 * The path of the registry is in here and not in the endpoint: the client that RKE2 and Rancher install nodes with
 * (rancher/wharfie, `pkg/registries`) takes a path for the place of the registry's greeting, where most have none.
 * One pattern at most matches a name, since K3s applies whichever comes first in the order of a Go map, which is any. None has
 * a backslash or a quote, since K3s prints them into TOML as they are.
 */
export function rewritesOf(source: string, site: Site): Readonly<Record<string, string>> {
  const elsewhere = movedMirrorOf(source, site);
  if (elsewhere !== undefined) return exactRewrites(elsewhere.moved);
  const { root, rename } = mirrorOf(source, site);
  const below = root === '' ? '' : `${root}/`;
  if (rename === undefined) return root === '' ? {} : { '^(.*)$': `${below}$1` };
  const renamed = { [`^${rename.from}(.*)$`]: `${below}${rename.to}$1` };
  return root === '' ? renamed : { ...renamed, [patternOfOthers(rename.from)]: `${below}$1` };
}

function exactRewrites(moved: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  const rules = [...moved].filter(([from, to]) => from !== to);
  return Object.fromEntries(rules.map(([from, to]) => [`^${from.replaceAll('.', '[.]')}$`, to]));
}

/**
 * Returns a pattern for every name that does not begin with `prefix`, a plain word and a slash. Go has no look-ahead, so it
 * says letter by letter where a name may part from the prefix.
 */
function patternOfOthers(prefix: string): string {
  const ways = Array.from(prefix, (letter, index) => `${prefix.slice(0, index)}[^${letter}].*`);
  return `^(${ways.join('|')})$`;
}
