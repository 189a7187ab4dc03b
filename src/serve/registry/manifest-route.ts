import { isSaddlebagError } from '../../internal/error.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { decodeManifest, MANIFEST_LIMIT } from '../../oci/manifest.ts';
import { entityTag, isKnownToClient } from '../http/entity-tag.ts';
import type { Library } from '../holdings/library.ts';
import { sendBytes, sendProblem } from '../http/reply.ts';
import type { RepositoryExchange } from './exchange.ts';

/** Sends a verified manifest by tag or digest (OCI distribution specification, "Pulling manifests"). */
export async function sendManifest(exchange: RepositoryExchange): Promise<void> {
  const { request, response, repository, reference, library } = exchange;
  const digest = isDigest(reference) ? reference : repository.tags.get(reference)?.digest;
  const found = digest === undefined ? undefined : await manifestOf(library, digest);
  if (digest === undefined || found === undefined) {
    const message = `there is no manifest ${JSON.stringify(reference)}`;
    return sendProblem(response, 404, { code: 'MANIFEST_UNKNOWN', message });
  }
  const headers = { 'docker-content-digest': digest, etag: entityTag(digest) };
  if (isKnownToClient(request.headers, digest)) return void response.writeHead(304, headers).end();
  sendBytes(exchange, 200, { type: found.mediaType, bytes: found.bytes, headers });
}

/** A client may ask for any blob as a manifest, so the bytes must be those of one. */
async function manifestOf(
  { blobs }: Library,
  digest: Digest,
): Promise<{ readonly mediaType: string; readonly bytes: Uint8Array } | undefined> {
  const size = blobs.sizeOf(digest);
  if (size === undefined || size > MANIFEST_LIMIT) return undefined;
  const bytes = await blobs.fetchWhole({ digest });
  try {
    return { mediaType: decodeManifest(bytes).mediaType, bytes };
  } catch (error) {
    if (isSaddlebagError(error)) return undefined;
    throw error;
  }
}
