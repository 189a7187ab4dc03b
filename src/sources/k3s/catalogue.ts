import { K3S_ARCHITECTURES } from '../../products/k3s/architecture.ts';
import { usableArchitectures } from '../../products/k3s/asset.ts';
import { K3S_TAG, parseK3sTag } from '../../products/k3s/tag.ts';
import { type CatalogueQuestion, catalogueQuestion } from '../distribution/question.ts';
import { CHANNELS, RELEASES } from './upstreams.ts';

/** The question for every release of K3s and its channels. */
export const CATALOGUE: CatalogueQuestion = catalogueQuestion({
  name: 'K3s',
  section: 'k3s',
  example: 'v1.30.6+k3s1',
  pattern: K3S_TAG,
  parse: parseK3sTag,
  architectures: K3S_ARCHITECTURES,
  usable: usableArchitectures,
  channels: CHANNELS,
  releases: RELEASES,
});
