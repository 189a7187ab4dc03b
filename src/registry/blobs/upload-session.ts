import type { HttpResponse } from '../../internal/http/http.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { isDigest } from '../../oci/digest.ts';
import type { Ask } from '../auth/authorizer.ts';
import { RegistryError } from '../session/registry-error.ts';
import type { Session } from '../session/session.ts';

/** An upload that has begun: where it goes on, and how much the registry has of it (bytes). */
export interface UploadPoint {
  readonly location: URL;
  readonly received: number;
  /** Bytes that a chunk must have at least, unless it is the last. */
  readonly leastChunk?: number | undefined;
}

/** Begins an upload (distribution specification, "Pushing a blob in chunks": `POST`). */
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

/** Returns the error for an upload that does not begin. Some registries, such as ECR, want each repository made first. */
export async function refusalOfUpload(
  session: Session,
  response: HttpResponse,
  ask: Ask,
): Promise<RegistryError> {
  const error = await session.refuse(response, ask);
  if (error.status !== 404 && !error.registryCodes.includes('NAME_UNKNOWN')) return error;
  const hint = `Create the repository "${ask.repository}" at the registry first: it makes none by itself (ECR: aws ecr create-repository).`;
  return error.with({ what: ask.what, hint });
}

/** Returns where an upload stands that broke off, or `undefined` when the registry does not know any more, or does not say. */
export async function findUpload(
  session: Session,
  ask: Ask,
  point: UploadPoint,
): Promise<UploadPoint | undefined> {
  const found = await session.lookUps.run('upload', async (manner) => {
    await using response = await session.send({ ...ask, ...manner, path: point.location.href });
    if (response.status !== 204 && response.status !== 200) return undefined;
    const received = receivedOf(response);
    if (received === undefined) return undefined;
    return { ...point, location: locationOf(response) ?? point.location, received };
  });
  return 'doubt' in found ? undefined : found.answer;
}

/** Returns how much of an upload (bytes) the registry says that it has, or `undefined` when it says nothing of use. */
export function receivedOf({ headers }: HttpResponse): number | undefined {
  const end = /^(?:bytes=)?0-(\d{1,15})$/.exec(headers['range'] ?? '')?.[1];
  // "0-0" is said of an empty upload too: nothing is gained by continuing one that has a single byte.
  return end === undefined || end === '0' ? undefined : Number(end) + 1;
}

/** Lets go of an upload that is not wanted: left open, it would take up room until it expires. */
export async function cancelUpload(session: Session, response: HttpResponse, ask: Ask): Promise<void> {
  const location = locationOf(response);
  // It has a place at the gate of the host: two requests that each wait for the other's would wait for ever.
  await response[Symbol.asyncDispose]();
  if (location === undefined) return;
  // Whether it worked is the registry's concern: many forbid it.
  await session.lookUps.run('cancel', async (manner) => {
    await using _answer = await session.send({ ...ask, ...manner, path: location.href, method: 'DELETE' });
  });
}

/** Returns where the registry wants the next request: `Location` may be relative, absolute, and carry a state. */
export function locationOf(response: HttpResponse): URL | undefined {
  const { location } = response.headers;
  return location === undefined ? undefined : (URL.parse(location, response.url) ?? undefined);
}

/** Returns the address that ends an upload: its state stays, the digest is added. */
export function closingUrl({ location }: UploadPoint, { digest }: Descriptor): string {
  const url = new URL(location);
  url.searchParams.append('digest', digest);
  return url.href;
}

/** Ends an upload whose content is all there, by a `PUT` without a body. */
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

/** Makes sure that the answer which ends an upload says that the blob is there, under its digest. */
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
