import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { redactUrl } from '../../internal/http/redact.ts';
import type { Digest } from '../../oci/digest.ts';
import { sumsName } from '../../products/distribution/asset.ts';
import type { ReleaseTag } from '../../products/distribution/tag.ts';
import type { Upstream } from '../../spec/part.ts';
import { type SourceContext, urlOf } from '../source.ts';
import { forMessage } from '../web/for-message.ts';
import { parseSums } from '../web/sums-file.ts';
import { urlBelow } from '../web/url-path.ts';
import type { CatalogueQuestion } from './question.ts';
import { otherBuildHint, unknownVersion } from './selection.ts';

/** The checksums of a release for one architecture. */
export interface ReleaseSums {
  readonly bytes: Uint8Array;
  /** By the name of the asset. */
  readonly sums: ReadonlyMap<string, Digest>;
  /** Its address, for messages. */
  readonly where: string;
}

/**
 * Returns the sums file of a release.
 *
 * @throws `ERR_UPSTREAM_NOT_FOUND`, `ERR_DOCUMENT_INVALID`, `ERR_LOCK_INCOMPLETE`
 */
export async function releaseSums(
  tag: ReleaseTag,
  {
    downloads,
    architecture,
    catalogue,
  }: {
    readonly downloads: Upstream;
    readonly architecture: string;
    readonly catalogue: CatalogueQuestion;
  },
  context: SourceContext,
): Promise<ReleaseSums> {
  const url = urlBelow(urlOf(downloads, context), tag.tag, sumsName(architecture));
  try {
    const bytes = await context.web.document(url, context);
    const where = redactUrl(url);
    return { bytes, sums: parseSums(bytes, where), where };
  } catch (error) {
    // Without a sums file, the release usually does not exist, or not for this architecture; the list of releases tells which.
    if (!isSaddlebagError(error, 'ERR_UPSTREAM_NOT_FOUND')) throw error;
    // A mirror of the downloads alone has no list, so the original error has to do.
    const known = await forMessage(context.ask(catalogue, undefined));
    if (known === undefined) throw error;
    if (known.releases.every((release) => release.tag !== tag.tag)) throw unknownVersion(tag.tag, known);
    const hint = otherBuildHint(tag, architecture, known);
    throw new SaddlebagError(error.code, error.message, { hint, cause: error });
  }
}
