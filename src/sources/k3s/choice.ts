import type { SourceContext } from '../source.ts';
import { CATALOGUE } from './question.ts';
import { exactTag, type Selection, selectVersions, type WantedVersions } from './selection.ts';

/**
 * Returns the chosen releases, as {@link selectVersions} does. Fetches the list of releases only when needed: exact tags do
 * without it, and GitHub limits requests.
 */
export async function chooseVersions(
  wanted: WantedVersions,
  context: SourceContext,
  preferred: ReadonlySet<string> = new Set(),
): Promise<Selection> {
  const exact = [...wanted.keys()].map((word) => [word, exactTag(word)] as const);
  const tags = new Map(exact.flatMap(([word, tag]) => (tag === undefined ? [] : [[word, tag] as const])));
  if (tags.size === wanted.size) return { tags, problems: [] };
  return selectVersions(wanted, await context.ask(CATALOGUE, undefined), preferred);
}
