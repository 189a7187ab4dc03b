import type { SourceContext } from '../source.ts';
import { CATALOGUE } from './question.ts';
import { exactTag, type Selection, selectVersions, type WantedVersions } from './selection.ts';

/**
 * Returns which releases are meant, as {@link selectVersions} does. The list of releases is asked for only when it is needed: exact
 * tags are as good without it, and GitHub counts.
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
