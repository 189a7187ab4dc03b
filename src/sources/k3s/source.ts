import * as z from 'zod';
import type { PlannedItem } from '../../bundle/format/item.ts';
import { collectProblems } from '../../internal/problems.ts';
import { upgradeWants } from '../distribution/upgrades.ts';
import { IMAGES } from '../images/want.ts';
import { defineSource, type Source } from '../source.ts';
import { chooseReleases } from '../distribution/steps.ts';
import { k3sSchema } from './part.ts';
import { CATALOGUE } from './catalogue.ts';
import { type K3sRequest, resolveK3sReleases } from './release.ts';
import { CHANNELS, DOWNLOADS, RELEASES, SOURCE } from './upstreams.ts';
import { RELEASE_FILES } from './want.ts';

export const k3s: Source = defineSource({
  name: 'k3s',
  summary:
    'All that a K3s node needs to install without internet: binary, airgap images, sums and `install.sh`.',
  part: z.object({ k3s: k3sSchema.optional() }),
  upstreams: [CHANNELS, RELEASES, DOWNLOADS, SOURCE],
  sections: [CATALOGUE.section],
  asks: [IMAGES.to],
  takes: RELEASE_FILES,
  read: async (part) => part.k3s,
  resolve: async (part, context, wanted) => {
    const { versions = [], architectures = [], from } = part ?? {};
    // Prefers a build that the bundle carries anyway, if it can serve nodes too.
    const carried = new Set(wanted.map(({ tag }) => tag.tag));
    const { tags, problems } = await chooseReleases({ versions, from, architectures }, context, {
      product: 'K3s',
      catalogue: CATALOGUE,
      preferred: carried,
    });
    const own = tags.flatMap((tag) =>
      architectures.map((architecture): K3sRequest => ({ tag, architecture, audience: 'k3s-node' })),
    );
    const tasks = [
      resolveK3sReleases([...own, ...wanted], context),
      ...problems.map((problem) => Promise.reject<readonly PlannedItem[]>(problem)),
    ];
    const items = await collectProblems(tasks, {
      code: 'ERR_RESOLVE_FAILED',
      message: () => 'Cannot resolve "k3s"',
    });
    return {
      items: items.flat(),
      wants: part?.upgrade === true ? [upgradeWants('k3s', tags, architectures)] : [],
    };
  },
});
