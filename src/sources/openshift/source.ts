import * as z from 'zod';
import { IMAGES } from '../images/want.ts';
import { defineSource, type Source } from '../source.ts';
import { RELEASES } from './graph.ts';
import { readKeyrings } from './keyrings.ts';
import { type OpenshiftWish, resolveOpenshift } from './openshift.ts';
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
    const { releases, items, images } = await resolveOpenshift(wish, context);
    const operators = await resolveOperators(wish.operators, context);
    return {
      items: [...items, ...operators.items],
      wants: [IMAGES.ask([...images, ...operators.images])],
      review: async (all) => reviewSigstore(releases, all, context),
    };
  },
});
