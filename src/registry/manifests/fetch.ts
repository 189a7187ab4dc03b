import { collectBytes } from '../../internal/bytes.ts';
import { SaddlebagError } from '../../internal/error.ts';
import type { HttpResponse } from '../../internal/http/http.ts';
import { isHtml } from '../../internal/http/status.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { digestOf, isDigest } from '../../oci/digest.ts';
import { decodeManifest, MANIFEST_LIMIT } from '../../oci/manifest.ts';
import { isManifestType, isSchema1Type, MANIFEST_MEDIA_TYPES } from '../../oci/media-type.ts';
import type { WaitOptions, WholeDocument } from '../../oci/roles.ts';
import { ContentMismatchError } from '../../oci/verified.ts';
import { pullScope } from '../auth/scope.ts';
import { formatPlace, type Place } from '../content-name.ts';
import type { Manner } from '../session/look-ups.ts';
import { RegistryError } from '../session/registry-error.ts';
import type { Session, SessionRequest } from '../session/session.ts';

/**
 * Without all of these, a registry hides OCI content or turns an index into a manifest for linux/amd64. One header line each:
 * old registries take a list on one line for a single unknown type.
 */
export const ACCEPT_MANIFESTS: readonly string[] = MANIFEST_MEDIA_TYPES;

export type ManifestOptions = WaitOptions & Manner;

/** Returns the request for a manifest by tag or digest. */
export function manifestRequest(
  session: Session,
  place: Place,
  tagOrDigest: string,
  options: ManifestOptions = {},
): SessionRequest {
  const name = session.endpoint.nameOf(place.repository);
  return {
    path: `/${name}/manifests/${tagOrDigest}`,
    headers: { accept: ACCEPT_MANIFESTS },
    repository: name,
    scopes: [pullScope(name)],
    what: `fetch manifest "${formatPlace(place, tagOrDigest)}"`,
    retries: options.retries,
    patience: options.patience,
    weight: options.weight,
    signal: options.signal,
  };
}

/**
 * Returns a manifest with the digest of its exact bytes, or `undefined` when the registry does not have it.
 *
 * @throws `ERR_DIGEST_MISMATCH` when the bytes match neither the request nor the registry's claim, `ERR_DOCUMENT_INVALID`,
 * `ERR_MANIFEST_UNSUPPORTED`, and what `Session.send` throws
 */
export async function fetchManifest(
  session: Session,
  place: Place,
  tagOrDigest: string,
  options: ManifestOptions = {},
): Promise<WholeDocument | undefined> {
  const request = manifestRequest(session, place, tagOrDigest, options);
  await using response = await session.send(request);
  if (response.status === 404) return undefined;
  if (response.status !== 200 || isHtml(response.headers)) throw await session.refuse(response, request);
  const type = mediaTypeOf(response);
  if (isSchema1Type(type)) throw schema1(request.what);
  const bytes = await collectBytes(response.body, {
    limit: MANIFEST_LIMIT,
    onExcess: () => tooLarge(request.what),
  });
  const size = bytes.length;
  const digest = digestOf(bytes);
  const claimed = isDigest(tagOrDigest) ? tagOrDigest : claimedDigest(response);
  if (claimed !== undefined && claimed !== digest)
    throw new ContentMismatchError({ digest: claimed, size }, { digest, size }, 'manifest');
  const mediaType = decodeManifest(bytes, isManifestType(type) ? type : undefined).mediaType;
  session.known.note(request.repository, digest);
  return { bytes, descriptor: { mediaType, digest, size } };
}

/** Returns the media type of a response without its parameters. */
export function mediaTypeOf(response: HttpResponse): string {
  return (response.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

/** Returns the digest that a registry claims for its answer, if it is one that can be compared. */
export function claimedDigest(response: HttpResponse): Descriptor['digest'] | undefined {
  const digest = response.headers['docker-content-digest'];
  return isDigest(digest) ? digest : undefined;
}

/** Returns the error for an image in the format that Docker abandoned in 2017. */
export function schema1(what: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_MANIFEST_UNSUPPORTED',
    `Cannot ${what}: it is of Docker schema 1, which no current program reads`,
    { hint: 'Have the image pushed again by a current Docker, or choose a newer tag.' },
  );
}

function tooLarge(what: string): RegistryError {
  return new RegistryError('ERR_DOCUMENT_INVALID', {
    what,
    fact: `it has more than the ${MANIFEST_LIMIT} bytes that are allowed`,
  });
}
