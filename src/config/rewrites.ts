import { mirrorOf, movedMirrorOf } from './mirror.ts';
import type { Site } from './site.ts';

/**
 * Returns the rewrites that map a source's names to where its images are; empty when the names are the same.
 *
 * The registry's path goes here and not into the endpoint: the client that RKE2 and Rancher install nodes with
 * (rancher/wharfie, `pkg/registries`) would ping the registry under that path, where most do not answer. At most one pattern
 * matches a name, because K3s applies the first match in the random order of a Go map. No pattern contains a backslash or a
 * quote, because K3s prints them into TOML unescaped.
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
 * Returns a pattern for every name that does not begin with `prefix`, a plain word and a slash. Go has no look-ahead, so the
 * pattern lists, letter by letter, where a name may differ from the prefix.
 */
function patternOfOthers(prefix: string): string {
  const ways = Array.from(prefix, (letter, index) => `${prefix.slice(0, index)}[^${letter}].*`);
  return `^(${ways.join('|')})$`;
}
