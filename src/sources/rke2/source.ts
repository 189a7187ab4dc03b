import * as z from 'zod';
import { ARTIFACT_TYPE, type PlannedItem } from '../../bundle/format/item.ts';
import { compareText } from '../../internal/order.ts';
import { collectProblems } from '../../internal/problems.ts';
import { upgradeWants } from '../distribution/upgrades.ts';
import type { ReleaseTag } from '../../products/distribution/tag.ts';
import { chooseReleases } from '../distribution/steps.ts';
import { planArtifact } from '../images/planned-artifact.ts';
import { IMAGES } from '../images/want.ts';
import { defineSource, type Source, type SourceContext } from '../source.ts';
import { CATALOGUE } from './catalogue.ts';
import { ASSET_DIGEST } from './digests.ts';
import { rke2Files } from './files.ts';
import { type Rke2Part, rke2Schema } from './part.ts';
import { CHANNELS, DOWNLOADS, RELEASES, SOURCE } from './upstreams.ts';

export const rke2: Source = defineSource({
  name: 'rke2',
  summary:
    'All that an RKE2 node needs to install without internet: tarball, images, sums and `install.sh`; and what Windows agents need.',
  part: z.object({ rke2: rke2Schema.optional() }),
  upstreams: [CHANNELS, RELEASES, DOWNLOADS, SOURCE],
  sections: [CATALOGUE.section, ASSET_DIGEST.section],
  asks: [IMAGES.to],
  read: async (part) => part.rke2,
  resolve: async (part, context) => {
    if (part === undefined) return { items: [] };
    const { tags, between, problems } = await chooseReleases(part, context, {
      product: 'RKE2',
      catalogue: CATALOGUE,
    });
    const items = await collectProblems(
      [
        ...tags.map((tag) => releaseItem(tag, { ...part, isBetween: between.has(tag.tag) }, context)),
        ...problems.map((problem) => Promise.reject<PlannedItem>(problem)),
      ],
      { code: 'ERR_RESOLVE_FAILED', message: () => 'Cannot resolve "rke2"' },
    );
    const wants = part.upgrade === true ? [upgradeWants('rke2', tags, part.architectures)] : [];
    return { items, wants };
  },
});

async function releaseItem(
  tag: ReleaseTag,
  part: Rke2Part & { readonly isBetween: boolean },
  context: SourceContext,
): Promise<PlannedItem> {
  const { descriptor, blobs } = planArtifact(ARTIFACT_TYPE.rke2, await rke2Files(tag, part, context));
  const architectures = [...new Set(part.architectures)].sort(compareText);
  const windows = part.windows.length === 0 ? undefined : [...new Set(part.windows)].sort(compareText);
  return {
    item: { kind: 'rke2', name: tag.tag, descriptor, audience: ['rke2-node'], architectures, windows },
    blobs,
  };
}
