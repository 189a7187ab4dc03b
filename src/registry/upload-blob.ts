import type { ByteStream } from '../internal/bytes.ts';
import type { HttpResponse } from '../internal/http/http.ts';
import { NetworkError } from '../internal/http/network-error.ts';
import { HttpStatusError } from '../internal/http/status.ts';
import { wait } from '../internal/http/wait.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { isDigest } from '../oci/digest.ts';
import { MEDIA_TYPE } from '../oci/media-type.ts';
import type { Fetcher, WaitOptions } from '../oci/roles.ts';
import { verified } from '../oci/verified.ts';
import type { Ask } from './auth/authorizer.ts';
import { pushScope } from './auth/scope.ts';
import { describeContent, type Place } from './content-name.ts';
import { RegistryError } from './registry-error.ts';
import type { Session } from './session.ts';

const TRIES = 5;
/** Seconds before the second try; doubled for each further one. */
const PAUSE = 0.25;

/** What an upload session answers when it has lost count, or was lost itself. A new one starts afresh. */
const STALE_CODES: ReadonlySet<string> = new Set([
  'BLOB_UPLOAD_INVALID',
  'BLOB_UPLOAD_UNKNOWN',
  'RANGE_INVALID',
  'SIZE_INVALID',
  'DIGEST_INVALID',
]);

/**
 * Sends a blob in one piece, streamed and verified on its way (distribution specification, "POST then PUT"). A session that
 * broke is never continued: what the registry has of it is not known, so the next try starts a new one.
 *
 * @throws `ERR_REGISTRY_DENIED`, `ERR_REGISTRY_FAILED`, `ERR_REGISTRY_UNREACHABLE`, `ERR_INTERRUPTED`, and whatever reading
 * `content` throws
 */
export async function uploadBlob(
  session: Session,
  place: Place,
  blob: { readonly expected: Descriptor; readonly content: Fetcher },
  options: WaitOptions = {},
): Promise<void> {
  const { repository } = place;
  const ask: Ask = {
    repository,
    scopes: [pushScope(repository)],
    what: `push ${describeContent(place, blob.expected)}`,
    signal: options.signal,
  };
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(session, ask, blob);
    } catch (error) {
      if (tries >= TRIES || !deservesNewSession(error)) throw error;
      await wait(PAUSE * 2 ** (tries - 1), options.signal);
    }
  }
}

async function attempt(
  session: Session,
  ask: Ask,
  { expected, content }: { readonly expected: Descriptor; readonly content: Fetcher },
): Promise<void> {
  const location = await startUpload(session, ask);
  location.searchParams.append('digest', expected.digest);
  const source: { failure?: { readonly error: unknown } } = {};
  try {
    await using response = await session.send({
      ...ask,
      path: location.href,
      method: 'PUT',
      headers: { 'content-type': MEDIA_TYPE.octetStream },
      body: () => watched(verified(content.fetch(expected, { signal: ask.signal }), expected), source),
      bodyLength: expected.size,
      retries: 0,
    });
    await assertStored(session, response, { ask, expected });
  } catch (error) {
    // What the content's own source threw is the cause, whatever the registry made of half an upload.
    throw source.failure === undefined ? error : source.failure.error;
  }
}

/** Returns where the blob is to be sent: `Location` may be relative, absolute, and carry a state. */
async function startUpload(session: Session, ask: Ask): Promise<URL> {
  const path = `/${ask.repository}/blobs/uploads/`;
  await using response = await session.send({ ...ask, path, method: 'POST', body: new Uint8Array() });
  if (response.status !== 202) throw await session.refuse(response, ask);
  const location = URL.parse(response.headers['location'] ?? '', response.url);
  if (location !== null && response.headers['location'] !== undefined) return location;
  throw new RegistryError('ERR_REGISTRY_FAILED', {
    what: ask.what,
    fact: 'the registry does not say where to send it',
  });
}

async function assertStored(
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

async function* watched(stream: ByteStream, source: { failure?: { readonly error: unknown } }): ByteStream {
  try {
    yield* stream;
  } catch (error) {
    source.failure = { error };
    throw error;
  }
}

function deservesNewSession(error: unknown): boolean {
  if (!(error instanceof RegistryError)) return false;
  // A moment's trouble, such as a reset, 500 or 429: the HTTP client was told not to send the same again itself.
  if (error.cause instanceof NetworkError) return error.cause.transient;
  if (error.cause instanceof HttpStatusError || error.status === 404 || error.status === 416) return true;
  return error.status === 400 && error.registryCodes.some((code) => STALE_CODES.has(code));
}
