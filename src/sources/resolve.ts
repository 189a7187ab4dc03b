import type { PlannedItem } from '../bundle/format/item.ts';
import type { SaddlebagError } from '../internal/error.ts';
import { compareText, uniqueBy } from '../internal/order.ts';
import { collectProblems, ProblemsError } from '../internal/problems.ts';
export { type ResolveProgress, ResolveTally } from './tally.ts';
import type { Found, LoadedSource, SourceContext } from './source.ts';

export { type PartSize, type ReleaseParts, type ReleaseSize, sizeOfParts } from './part-sizes.ts';
export { recorded } from './recorded.ts';
export type { UpgradePath } from './upgrade.ts';

/**
 * Resolves everything the sources have read in a spec. A source starts once all sources that ask it are done. `name` is the
 * spec's. The items come sorted by kind and name, each once.
 *
 * @throws `ProblemsError` with every problem of every source, under their code when they share one, else `ERR_RESOLVE_FAILED`
 */
export async function resolveItems(
  name: string,
  sources: readonly LoadedSource[],
  context: SourceContext,
): Promise<readonly PlannedItem[]> {
  const begun = new Map<string, Promise<Found>>();
  const begin = (source: LoadedSource): Promise<Found> => {
    const found =
      begun.get(source.name) ?? resolveSource(source, sources.filter(isAsking(source)).map(begin), context);
    begun.set(source.name, found);
    return found;
  };
  try {
    const found = await collectProblems(sources.map(begin).map(withoutProblems), {
      code: 'ERR_RESOLVE_FAILED',
      message: () => `Cannot resolve "${name}"`,
    });
    const items = found.flatMap((each) => each.items).sort(byKindAndName);
    for (const { review } of found) await review?.(items);
    return items;
  } catch (error) {
    throw error instanceof ProblemsError ? summarize(name, error.problems) : error;
  }
}

function isAsking({ name }: LoadedSource): (other: LoadedSource) => boolean {
  return ({ asks }) => asks.includes(name);
}

/** When an asking source fails, this one still resolves what it knows, so one run reports the problems of both. */
async function resolveSource(
  source: LoadedSource,
  asking: readonly Promise<Found>[],
  context: SourceContext,
): Promise<Found> {
  const settled = await Promise.allSettled(asking);
  const wants = settled.flatMap((one) => (one.status === 'fulfilled' ? (one.value.wants ?? []) : []));
  const found = await source.resolve(wants, context);
  const stray = found.wants?.find(({ to }) => !source.asks.includes(to));
  if (stray !== undefined)
    throw new TypeError(`source "${source.name}" does not say that it asks "${stray.to}"`);
  return found;
}

async function withoutProblems(found: Promise<Found>): Promise<Found> {
  const { problems = [] } = await found;
  if (problems.length > 0)
    throw new ProblemsError('ERR_RESOLVE_FAILED', 'Cannot resolve a part', { problems });
  return await found;
}

/** The same problem may come up more than once, such as a version that two parts of the spec ask for. */
function summarize(name: string, all: readonly SaddlebagError[]): ProblemsError {
  const problems = uniqueBy(all, ({ code, message }) => `${code} ${message}`);
  const [first] = problems;
  const isOfOneKind = problems.every(({ code }) => code === first?.code);
  const code = isOfOneKind && first !== undefined ? first.code : 'ERR_RESOLVE_FAILED';
  const count = problems.length === 1 ? 'there is 1 problem' : `there are ${problems.length} problems`;
  return new ProblemsError(code, `Cannot resolve "${name}": ${count}`, { problems });
}

function byKindAndName(left: PlannedItem, right: PlannedItem): number {
  return compareText(left.item.kind, right.item.kind) || compareText(left.item.name, right.item.name);
}
