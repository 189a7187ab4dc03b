import * as z from 'zod';
import { collectProblems } from '../../internal/problems.ts';
import { compareDigests } from '../images/check-digests.ts';
import { IMAGES } from '../images/want.ts';
import { defineSource, type Source } from '../source.ts';
import { rancherSchema } from './part.ts';
import { type RancherRelease, resolveRancher } from './rancher.ts';
import { NEWEST_RELEASES } from './releases.ts';
import { rancherReleases } from './steps.ts';
import { DOWNLOADS, RELEASES } from './upstreams.ts';

export const rancher: Source = defineSource({
  name: 'rancher',
  summary:
    'Every image that a release of Rancher lists, or those of the parts that are used, and the lists themselves.',
  part: z.object({ rancher: rancherSchema.optional() }),
  upstreams: [DOWNLOADS, RELEASES],
  sections: [NEWEST_RELEASES.section],
  asks: [IMAGES.to],
  read: async (part) => part.rancher,
  resolve: async (part, context) => {
    if (part === undefined) return { items: [] };
    const tags = await rancherReleases(part, context);
    const releases = await collectProblems(
      tags.map((version) =>
        resolveRancher({ ...part, version, isBetween: version !== tags.at(-1) }, context),
      ),
      { code: 'ERR_RESOLVE_FAILED', message: () => 'Cannot resolve "rancher"' },
    );
    for (const { tag, parts } of releases)
      if (parts !== undefined) context.onParts?.({ name: `Rancher ${tag}`, parts });
    const all = (of: (release: RancherRelease) => readonly string[]): readonly string[] => [
      ...new Set(releases.flatMap(of)),
    ];
    return {
      items: releases.flatMap(({ items }) => items),
      wants: [
        IMAGES.ask([
          ...all(({ linux }) => linux).map((reference) => ({ reference })),
          ...all(({ windows }) => windows).map((reference) => ({ reference, forWindows: true })),
          ...all(({ added }) => added).map((reference) => ({
            reference,
            namedAt: '"kubernetes" of "rancher"',
          })),
        ]),
      ],
      // By then every image has been resolved once, so the answers are cached.
      review: async () => {
        for (const { tag, linux: own, digests } of releases)
          await compareDigests(own, { name: `Rancher ${tag}`, digests }, context);
      },
    };
  },
});
