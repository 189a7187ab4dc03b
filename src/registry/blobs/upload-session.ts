import type { HttpResponse } from '../../internal/http/http.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { isDigest } from '../../oci/digest.ts';
import type { Ask } from '../auth/authorizer.ts';
import { creationHint } from '../session/remedy.ts';
import { RegistryError } from '../session/registry-error.ts';
import type { Session } from '../session/session.ts';

/** An upload that has begun: where it continues, and how much of it the registry has (bytes). */
export interface UploadPoint {
  readonly location: URL;
  readonly received: number;
  /** Minimum bytes of every chunk but the last. */
  readonly leastChunk?: number | undefined;
}

/**
 * Begins an upload (distribution specification, "Pushing a blob in chunks": `POST`).
 *
 * @throws `ERR_REGISTRY_FAILED` when the answer names no place to send the blob to
 */
export async function startUpload(session: Session, ask: Ask): Promise<UploadPoint> {
  const path = `/${ask.repository}/blobs/uploads/`;
  await using response = await session.send({ ...ask, path, method: 'POST', body: new Uint8Array() });
  if (response.status !== 202) throw await refusalOfUpload(session, response, ask);
  const location = locationOf(response);
  const least = /^\d{1,12}$/.exec(response.headers['oci-chunk-min-length'] ?? '')?.[0];
  const leastChunk = least === undefined ? undefined : Number(least);
  if (location !== undefined) return { location, received: 0, leastChunk };
  throw new RegistryError('ERR_REGISTRY_FAILED', {
    what: ask.what,
    fact: 'the registry does not say where to send it',
  });
}

/**
 * Returns the error for an upload that cannot begin. Some registries, such as ECR, require each repository to be created first.
 */
export async function refusalOfUpload(
  session: Session,
  response: HttpResponse,
  ask: Ask,
): Promise<RegistryError> {
  const error = await session.refuse(response, ask);
  if (error.status !== 404 && !error.registryCodes.includes('NAME_UNKNOWN')) return error;
  return error.with({ what: ask.what, hint: creationHint(session.endpoint.host) });
}

/** Returns the state of an interrupted upload, or `undefined` when the registry has lost it or does not say. */
export async function findUpload(
  session: Session,
  ask: Ask,
  point: UploadPoint,
): Promise<UploadPoint | undefined> {
  const found = await session.lookUps.run('upload', async ({ retries, patience }) => {
    const path = point.location.href;
    await using response = await session.send({ ...ask, retries, patience, path });
    if (response.status !== 204 && response.status !== 200) return undefined;
    const received = receivedOf(response);
    if (received === undefined) return undefined;
    return { ...point, location: locationOf(response) ?? point.location, received };
  });
  return 'doubt' in found ? undefined : found.answer;
}

/** Returns how much of an upload (bytes) the registry has, or `undefined` when its answer is useless. */
export function receivedOf({ headers }: HttpResponse): number | undefined {
  const end = /^(?:bytes=)?0-(\d{1,15})$/.exec(headers['range'] ?? '')?.[1];
  // "0-0" may also mean an empty upload, and resuming after a single byte gains nothing.
  return end === undefined || end === '0' ? undefined : Number(end) + 1;
}

/** Cancels an unwanted upload, which would otherwise take up space until it expires. */
export async function cancelUpload(session: Session, response: HttpResponse, ask: Ask): Promise<void> {
  const location = locationOf(response);
  // The response holds a place at the host's gate: two requests that each wait for the other's place would wait forever.
  await response[Symbol.asyncDispose]();
  if (location === undefined) return;
  // The result does not matter: many registries forbid it.
  await session.lookUps.run('cancel', async ({ retries, patience }) => {
    const request = { ...ask, retries, patience, path: location.href, method: 'DELETE' } as const;
    await using _answer = await session.send(request);
  });
}

/** Returns the URL for the next request: `Location` may be relative or absolute, and may carry state. */
export function locationOf(response: HttpResponse): URL | undefined {
  const { location } = response.headers;
  return location === undefined ? undefined : (URL.parse(location, response.url) ?? undefined);
}

/** Returns the URL that completes an upload: keeps its state and adds the digest. */
export function closingUrl({ location }: UploadPoint, { digest }: Descriptor): string {
  const url = new URL(location);
  url.searchParams.append('digest', digest);
  return url.href;
}

/** Completes an upload whose content is all there, by a `PUT` without a body. */
export async function closeUpload(
  session: Session,
  ask: Ask,
  { point, expected }: { readonly point: UploadPoint; readonly expected: Descriptor },
): Promise<void> {
  const path = closingUrl(point, expected);
  const request = { ...ask, path, method: 'PUT', body: new Uint8Array(), retries: 0 } as const;
  await using response = await session.send(request);
  await assertStored(session, response, { ask, expected });
}

/**
 * Checks that the final answer confirms the blob under its digest.
 *
 * @throws `ERR_REGISTRY_FAILED` when it names another digest
 */
export async function assertStored(
  session: Session,
  response: HttpResponse,
  { ask, expected }: { readonly ask: Ask; readonly expected: Descriptor },
): Promise<void> {
  if (response.status !== 201 && response.status !== 204) throw await session.refuse(response, ask);
  const stored = response.headers['docker-content-digest'];
  if (stored === undefined || !isDigest(stored) || stored === expected.digest) return;
  throw new RegistryError('ERR_REGISTRY_FAILED', {
    what: ask.what,
    fact: `the registry stored it as "${stored}"`,
  });
}
