import { SaddlebagError } from '../../internal/error.ts';
import { digestOf } from '../../oci/digest.ts';
import type { ReleaseTag } from '../../products/distribution/tag.ts';
import { parseImageList } from '../../spec/lists/images.ts';
import type { Upstream } from '../../spec/part.ts';
import { type SourceContext, urlOf } from '../source.ts';
import { urlBelow } from '../web/url-path.ts';
import type { CatalogueQuestion } from './question.ts';
import { releaseSums } from './sums.ts';

/** Where a distribution publishes the list of a release's images. */
export interface PublishedList {
  readonly downloads: Upstream;
  readonly catalogue: CatalogueQuestion;
  /** Name of the asset. */
  readonly name: string;
}

/** Names of images do not depend on it. */
const ARCHITECTURE = 'amd64';

/**
 * Returns the references in a release's list of images, checked against the release's own sums where they cover it: those of K3s
 * rarely do.
 *
 * @throws `ERR_UPSTREAM_NOT_FOUND` with the nearest release, `ERR_DIGEST_MISMATCH`, `ERR_LIST_INVALID`
 */
export async function releaseImages(
  tag: ReleaseTag,
  { downloads, catalogue, name }: PublishedList,
  context: SourceContext,
): Promise<readonly string[]> {
  const { sums } = await releaseSums(tag, { downloads, architecture: ARCHITECTURE, catalogue }, context);
  const bytes = await context.web.document(urlBelow(urlOf(downloads, context), tag.tag, name), context);
  const title = `${name} of ${catalogue.distribution.name} ${tag.tag}`;
  const [expected, found] = [sums.get(name), digestOf(bytes)];
  if (expected !== undefined && expected !== found)
    throw new SaddlebagError(
      'ERR_DIGEST_MISMATCH',
      `Cannot verify ${title}: expected "${expected}", found "${found}"`,
      {
        hint: 'The file changed upstream, or something in between changes it. Try again, then ask whoever publishes it.',
      },
    );
  return parseImageList(Buffer.from(bytes).toString('utf8'), title).map(({ text }) => text);
}
