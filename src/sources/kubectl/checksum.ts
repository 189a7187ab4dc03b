import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { redactUrl } from '../../internal/http/redact.ts';
import type { Digest } from '../../oci/digest.ts';
import { digestFromHex, integrityFromHex } from '../web/checksum.ts';
import type { SourceContext } from '../source.ts';

/** The checksum published beside a file: its sha256, or an SRI string when there is only a sha512. */
export type Checksum = { readonly digest: Digest } | { readonly integrity: string };

/**
 * Returns the checksum beside a file, or `undefined` when there is neither `.sha256` nor `.sha512`. `.sha256` comes first: with
 * it, the digest is known without reading the file.
 *
 * @throws `ERR_DOCUMENT_INVALID` when the document is no checksum
 */
export async function checksumBeside(url: string, context: SourceContext): Promise<Checksum | undefined> {
  const sha256 = await wordOf(`${url}.sha256`, context);
  if (sha256 !== undefined) {
    const digest = digestFromHex(sha256);
    if (digest === undefined) throw invalid(`${url}.sha256`);
    return { digest };
  }
  const sha512 = await wordOf(`${url}.sha512`, context);
  if (sha512 === undefined) return undefined;
  const integrity = integrityFromHex(sha512, 'sha512');
  if (integrity === undefined) throw invalid(`${url}.sha512`);
  return { integrity };
}

/** The document is bare hex; a mirror may have made it with `sha256sum`, which adds the name. */
async function wordOf(url: string, context: SourceContext): Promise<string | undefined> {
  try {
    const text = Buffer.from(await context.web.document(url, context)).toString('utf8');
    return /^\s*(\S+)(?:[ \t]+\S+)?\s*$/.exec(text)?.[1] ?? '';
  } catch (error) {
    if (isSaddlebagError(error, 'ERR_UPSTREAM_NOT_FOUND')) return undefined;
    throw error;
  }
}

function invalid(url: string): SaddlebagError {
  return new SaddlebagError('ERR_DOCUMENT_INVALID', `Cannot read "${redactUrl(url)}": it is not a checksum`);
}
