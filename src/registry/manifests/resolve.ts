import { isHtml } from '../../internal/http/status.ts';
import type { HttpResponse } from '../../internal/http/http.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { isDigest } from '../../oci/digest.ts';
import { isManifestType, isSchema1Type } from '../../oci/media-type.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { Place } from '../content-name.ts';
import {
  claimedDigest,
  fetchManifest,
  type ManifestOptions,
  manifestRequest,
  mediaTypeOf,
  schema1,
} from './fetch.ts';
import type { Session } from '../session/session.ts';

/**
 * Returns what a tag or digest points to at one endpoint, or `undefined`. Uses HEAD, which no registry counts against a quota,
 * and GET where HEAD is refused or says too little. Fetching the manifest later proves the answer.
 */
export async function resolveAt(
  session: Session,
  place: Place,
  tagOrDigest: string,
  options: ManifestOptions = {},
): Promise<Descriptor | undefined> {
  const request = manifestRequest(session, place, tagOrDigest, options);
  await using response = await session.send({ ...request, method: 'HEAD' });
  if (response.status === 404) return undefined;
  if (response.status === 401 || response.status === 403) throw await session.refuse(response, request);
  if (isSchema1Type(mediaTypeOf(response))) throw schema1(request.what);
  const descriptor = response.status === 200 ? describedBy(response, tagOrDigest) : undefined;
  if (descriptor !== undefined) {
    session.known.note(request.repository, descriptor.digest);
    return descriptor;
  }
  return (await fetchManifest(session, place, tagOrDigest, options))?.descriptor;
}

/** Returns what a tag or digest points to at one endpoint; `undefined` also when the endpoint does not say. */
export async function lookUpAt(
  session: Session,
  place: Place,
  tagOrDigest: string,
  options: WaitOptions = {},
): Promise<Descriptor | undefined> {
  const found = await session.lookUps.run('tag', ({ retries, patience }) =>
    resolveAt(session, place, tagOrDigest, { retries, patience, signal: options.signal }),
  );
  return 'doubt' in found ? undefined : found.answer;
}

/** Ambiguous headers are no answer; the body will be. */
function describedBy(response: HttpResponse, tagOrDigest: string): Descriptor | undefined {
  const mediaType = mediaTypeOf(response);
  const digest = claimedDigest(response);
  const length = response.headers['content-length'] ?? '';
  if (isHtml(response.headers) || !isManifestType(mediaType) || digest === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(length) || (isDigest(tagOrDigest) && digest !== tagOrDigest)) return undefined;
  return { mediaType, digest, size: Number(length) };
}
