import { mapCollecting } from '../../../internal/problems.ts';
import type { SourceContext } from '../../source.ts';
import type { RegistryImage } from '../part.ts';
import { type RangedPart, repositoryOf } from './part.ts';
import { TAGS } from './question.ts';

const CONCURRENCY = 8;

/**
 * Returns the images that ranges of tags stand for.
 *
 * @throws `ProblemsError` with every repository of which no tag can be chosen
 */
export async function resolveRanges(
  ranges: readonly RangedPart[],
  context: SourceContext,
): Promise<readonly RegistryImage[]> {
  const chosen = await mapCollecting(ranges, {
    code: 'ERR_RESOLVE_FAILED',
    message: () => 'Cannot choose the tags of images',
    limit: CONCURRENCY,
    map: async (part) => {
      const tags = await context.ask(TAGS, part);
      return tags.map((tag) => ({ reference: `${repositoryOf(part)}:${tag}`, platforms: part.platforms }));
    },
  });
  return chosen.flat();
}
