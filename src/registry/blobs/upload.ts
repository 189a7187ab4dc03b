import type { ByteStream } from '../../internal/bytes.ts';
import { NetworkError } from '../../internal/http/network-error.ts';
import { HttpStatusError } from '../../internal/http/status.ts';
import { wait } from '../../internal/http/wait.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { MEDIA_TYPE } from '../../oci/media-type.ts';
import type { Fetcher, WaitOptions } from '../../oci/roles.ts';
import { sized, verified } from '../../oci/verified.ts';
import type { Ask } from '../auth/authorizer.ts';
import { pushScope } from '../auth/scope.ts';
import { describeContent, type Place } from '../content-name.ts';
import { isThere } from '../presence.ts';
import { RegistryError } from '../session/registry-error.ts';
import type { Session } from '../session/session.ts';
import {
  assertStored,
  closingUrl,
  findUpload,
  locationOf,
  startUpload,
  type UploadPoint,
} from './upload-session.ts';

/** Up to this size (bytes) a blob goes in one request: sending it again costs less than asking where it broke off. */
const WHOLE_LIMIT = 32 * 1024 * 1024;
/** Tries without progress. */
const TRIES = 5;
/** Broken streams without a byte kept, after which a registry that might not take them gets the blob in one request. */
const STREAMS = 2;
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
/** What a registry answers to `PATCH` that takes blobs in one request only. */
const UNWANTED: ReadonlySet<number> = new Set([400, 404, 405, 411, 415, 501]);

/** An upload with all that it takes. */
interface Upload {
  readonly session: Session;
  readonly ask: Ask;
  readonly expected: Descriptor;
  readonly content: Fetcher;
  /**
   * Whether the digest is checked here as well. The registry must check it (distribution specification, "Pushing blobs");
   * what it refused is hashed when it is sent again, so that content that is wrong here is told from a line that is bad.
   */
  readonly isSuspect: boolean;
}

/**
 * Sends a blob, streamed, its size checked on its way and its digest by the registry: a small one, or one for a registry that takes no `PATCH`, in one request;
 * any other as one stream that goes on where it broke, if the registry still knows where that was (distribution
 * specification, "Pushing blobs"). Else a new session starts afresh.
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
  let fruitless = 0;
  let isSuspect = false;
  let begun: UploadPoint | undefined;
  for (;;) {
    const isWhole =
      blob.expected.size <= WHOLE_LIMIT ||
      !session.takesStreams ||
      (begun === undefined && fruitless >= STREAMS);
    const ended: { at?: UploadPoint } = {};
    const upload: Upload = { ...blob, session, ask, isSuspect };
    try {
      return isWhole ? await sendWhole(upload) : await sendStream(upload, begun, ended);
    } catch (error) {
      if (!deservesAnotherTry(error) || ++fruitless >= TRIES) throw error;
      isSuspect = true;
    }
    await wait(PAUSE * 2 ** (fruitless - 1), options.signal);
    if (ended.at === undefined) {
      begun = undefined;
      continue;
    }
    const found = await findUpload(session, ask, ended.at);
    // The answer to the last request may be all that was lost.
    if (found === undefined && (await isThere(session, place, blob.expected, options))) return;
    if ((found?.received ?? 0) > (begun?.received ?? 0)) fruitless = 0;
    begun = found === undefined || found.received > blob.expected.size ? undefined : found;
  }
}

/** "POST then PUT". */
async function sendWhole(upload: Upload): Promise<void> {
  const { session, ask, expected } = upload;
  const point = await startUpload(session, ask);
  await fromSource(upload, 0, async (body) => {
    const request = { ...ask, path: closingUrl(point, expected), method: 'PUT', body } as const;
    await using response = await session.send({ ...request, ...streamOptions(expected.size) });
    await assertStored(session, response, { ask, expected });
  });
}

/** A stream by `PATCH`, and a `PUT` without a body. `ended.at` is where it can be asked how far it came. */
async function sendStream(
  upload: Upload,
  begun: UploadPoint | undefined,
  ended: { at?: UploadPoint },
): Promise<void> {
  const { session, ask, expected } = upload;
  const point = begun ?? (await startUpload(session, ask));
  ended.at = point;
  const last = point.received === expected.size ? point : await sendRest(upload, point);
  if (last === undefined) {
    delete ended.at;
    return await sendWhole(upload);
  }
  ended.at = last;
  await using response = await session.send({
    ...ask,
    path: closingUrl(last, expected),
    method: 'PUT',
    body: new Uint8Array(),
    retries: 0,
  });
  await assertStored(session, response, { ask, expected });
}

/** Returns where the upload stands then; `undefined` when the registry takes no streams. */
async function sendRest(upload: Upload, point: UploadPoint): Promise<UploadPoint | undefined> {
  const { session, ask, expected } = upload;
  const { received, location } = point;
  const rest = expected.size - received;
  // Docker sends its whole stream without a range, so every registry knows that; only a rest has to say what it is.
  const range = received === 0 ? {} : { 'content-range': `${received}-${expected.size - 1}` };
  return await fromSource(upload, received, async (body) => {
    const request = { ...ask, path: location.href, method: 'PATCH', body } as const;
    await using response = await session.send({ ...request, ...streamOptions(rest, range) });
    if (response.status >= 200 && response.status < 300)
      return { location: locationOf(response) ?? location, received: expected.size };
    const error = await session.refuse(response, ask);
    if (received > 0 || !UNWANTED.has(error.status ?? 0) || isStale(error)) throw error;
    session.takesStreams = false;
    return undefined;
  });
}

/** What the content's own source throws is the cause, whatever the registry made of half an upload. */
async function fromSource<T>(
  { ask, expected, content, isSuspect }: Upload,
  start: number,
  send: (body: () => ByteStream) => Promise<T>,
): Promise<T> {
  const source: { failure?: { readonly error: unknown } } = {};
  // What is sent at once is far below a chunk, so that of the one before the last nothing is waiting any more.
  // Read from its beginning for the sake of its digest, also where only the rest is sent.
  const read = (): ByteStream => {
    const stream = content.fetch(expected, { signal: ask.signal, recycle: true });
    return isSuspect ? verified(stream, expected) : sized(stream, expected);
  };
  try {
    return await send(() => skipping(watched(read(), source), start));
  } catch (error) {
    throw source.failure === undefined ? error : source.failure.error;
  }
}

function streamOptions(
  bodyLength: number,
  headers: Readonly<Record<string, string>> = {},
): {
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyLength: number;
  readonly weight: number;
  readonly retries: 0;
} {
  const type = { 'content-type': MEDIA_TYPE.octetStream };
  return { headers: { ...type, ...headers }, bodyLength, weight: bodyLength, retries: 0 };
}

async function* skipping(stream: ByteStream, count: number): ByteStream {
  let left = count;
  for await (const chunk of stream) {
    if (chunk.length > left) yield left === 0 ? chunk : chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}

async function* watched(stream: ByteStream, source: { failure?: { readonly error: unknown } }): ByteStream {
  try {
    yield* stream;
  } catch (error) {
    source.failure = { error };
    throw error;
  }
}

function deservesAnotherTry(error: unknown): boolean {
  if (!(error instanceof RegistryError)) return false;
  // A moment's trouble, such as a reset, 500 or 429: the HTTP client was told not to send the same again itself.
  if (error.cause instanceof NetworkError) return error.cause.transient;
  if (error.cause instanceof HttpStatusError || error.status === 404 || error.status === 416) return true;
  return error.status === 400 && isStale(error);
}

function isStale({ registryCodes }: RegistryError): boolean {
  return registryCodes.some((code) => STALE_CODES.has(code));
}
