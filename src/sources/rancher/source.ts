import * as z from 'zod';
import { compareDigests } from '../images/check-digests.ts';
import { IMAGES } from '../images/want.ts';
import { defineSource, type Source } from '../source.ts';
import { rancherSchema } from './part.ts';
import { resolveRancher } from './rancher.ts';
import { DOWNLOADS } from './upstreams.ts';

export const rancher: Source = defineSource({
  name: 'rancher',
  summary:
    'Every image that a release of Rancher lists, or those of the parts that are used, and the lists themselves.',
  part: z.object({ rancher: rancherSchema.optional() }),
  upstreams: [DOWNLOADS],
  asks: [IMAGES.to],
  read: async (part) => part.rancher,
  resolve: async (part, context) => {
    if (part === undefined) return { items: [] };
    const { tag, items, linux, windows, added, parts, digests } = await resolveRancher(part, context);
    if (parts !== undefined) context.onParts?.({ name: `Rancher ${tag}`, parts });
    return {
      items,
      wants: [
        IMAGES.ask([
          ...linux.map((reference) => ({ reference })),
          ...windows.map((reference) => ({ reference, forWindows: true })),
          ...added.map((reference) => ({ reference, namedAt: '"kubernetes" of "rancher"' })),
        ]),
      ],
      // By then every image has been resolved once, so the answers are cached.
      review: async () => await compareDigests(linux, { name: `Rancher ${tag}`, digests }, context),
    };
  },
});
