import { RKE2_ARCHITECTURES } from '../../products/rke2/architecture.ts';
import { usableArchitectures } from '../../products/rke2/asset.ts';
import { parseRke2Tag, RKE2_TAG } from '../../products/rke2/tag.ts';
import { type CatalogueQuestion, catalogueQuestion } from '../distribution/question.ts';
import { CHANNELS, RELEASES } from './upstreams.ts';

/** The question for every release of RKE2 and its channels. */
export const CATALOGUE: CatalogueQuestion = catalogueQuestion({
  name: 'RKE2',
  section: 'rke2',
  example: 'v1.31.2+rke2r1',
  pattern: RKE2_TAG,
  parse: parseRke2Tag,
  architectures: RKE2_ARCHITECTURES,
  usable: usableArchitectures,
  channels: CHANNELS,
  releases: RELEASES,
});
