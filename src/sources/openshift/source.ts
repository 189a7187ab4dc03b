import * as z from 'zod';
import { mapCollecting } from '../../internal/problems.ts';
import { IMAGES } from '../images/want.ts';
import { defineSource, type Source, type SourceContext } from '../source.ts';
import { RELEASES } from './graph.ts';
import { readKeyrings } from './keyrings.ts';
import { type OpenshiftReleases, type OpenshiftWish, resolveOpenshift } from './openshift.ts';
import { resolveOperators } from './operators/operators.ts';
import { openshiftSchema } from './part.ts';
import { reviewSigstore } from './sigstore.ts';
import { GRAPH, SIGNATURES } from './upstreams.ts';

export const openshift: Source = defineSource({
  name: 'openshift',
  summary:
    'Releases of OpenShift: the release image, its components, and the signatures that a cluster asks for, each verified at build. Operators: catalogs, whole or of chosen packages, and the images of their bundles.',
  part: z.object({ openshift: openshiftSchema.optional() }),
  upstreams: [GRAPH, SIGNATURES],
  sections: [RELEASES.section],
  asks: [IMAGES.to],
  read: async (part, files): Promise<OpenshiftWish | undefined> =>
    part.openshift && { ...part.openshift, keyrings: await readKeyrings(part.openshift.keys, files) },
  resolve: async (wish, context) => {
    if (wish === undefined) return { items: [] };
    const found = await mapCollecting([resolveOpenshift, operatorsOf], {
      code: 'ERR_RESOLVE_FAILED',
      message: () => 'Cannot resolve "openshift"',
      // One after the other, so that warnings keep their order.
      limit: 1,
      map: async (part) => await part(wish, context),
    });
    const releases = found.flatMap((each) => each.releases);
    return {
      items: found.flatMap(({ items }) => items),
      wants: [IMAGES.ask(found.flatMap(({ images }) => images))],
      review: async (all) => reviewSigstore(releases, all, context),
    };
  },
});

async function operatorsOf({ operators }: OpenshiftWish, context: SourceContext): Promise<OpenshiftReleases> {
  const { items, images } = await resolveOperators(operators, context);
  return { releases: [], items, images };
}
