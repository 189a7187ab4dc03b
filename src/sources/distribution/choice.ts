import type { SourceContext } from '../source.ts';
import type { CatalogueQuestion } from './question.ts';
import { exactTag, type Selection, selectVersions, type WantedVersions } from './selection.ts';

/**
 * Returns the chosen releases, as {@link selectVersions} does. Fetches the list of releases only when needed: exact tags do
 * without it, and GitHub limits requests.
 */
export async function chooseVersions(
  wanted: WantedVersions,
  context: SourceContext,
  {
    catalogue,
    preferred,
  }: { readonly catalogue: CatalogueQuestion; readonly preferred?: ReadonlySet<string> | undefined },
): Promise<Selection> {
  const { distribution } = catalogue;
  const exact = [...wanted.keys()].map((word) => [word, exactTag(word, distribution)] as const);
  const tags = new Map(exact.flatMap(([word, tag]) => (tag === undefined ? [] : [[word, tag] as const])));
  if (tags.size === wanted.size) return { tags, problems: [] };
  return selectVersions(wanted, await context.ask(catalogue, undefined), preferred);
}
