import type { ByteStream } from '../bytes.ts';
import type { Lease } from '../lease.ts';
import { SaddlebagError } from '../error.ts';
import { parseContentRange } from './content-range.ts';
import type { HttpClient, HttpHeaders, HttpResponse, RequestHeaders } from './http.ts';
import { NetworkError } from './network-error.ts';
import { redactUrl } from './redact.ts';
import type { Tries } from './retry.ts';
import { isHtml, statusError } from './status.ts';

export interface DownloadOptions {
  /** First byte wanted (bytes). */
  readonly offset?: number | undefined;
  readonly headers?: RequestHeaders | undefined;
  readonly weight?: number | undefined;
  readonly isHasty?: boolean | undefined;
  /** Whether the caller checks the content by a digest, so that the tags and dates of servers do not matter. */
  readonly hasDigest?: boolean | undefined;
  /** See `StreamOptions`. */
  readonly lease?: Lease | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly tries: Tries;
}

/** What distinguishes one version of a file from another. */
interface Version {
  /** Who sent it. */
  readonly url: string;
  readonly etag: string | undefined;
  readonly modified: string | undefined;
  /** Size of the whole (bytes). */
  readonly total: number | undefined;
}

/** The part of a file in one answer. */
interface Part {
  /** Bytes at its start that we already have. */
  readonly skip: number;
  readonly version: Version;
}

/**
 * Yields the body of a GET from `offset` on. After a broken or silent connection, a `Range` request fetches the rest. When a
 * server ignores `Range`, its answer is read from the start and the bytes we already have are dropped.
 *
 * @throws `ERR_UPSTREAM_NOT_FOUND`, `ERR_HTTP_STATUS`, `ERR_HTTP_BODY` when the server sends something other than the rest, and
 * what `request` throws
 */
export function download(request: HttpClient['request'], url: string, options: DownloadOptions): ByteStream {
  return { [Symbol.asyncIterator]: () => new Download(request, url, options) };
}

/** It is no generator: for a small file, several promises for each chunk would be most of the work. */
class Download implements AsyncIterator<Uint8Array, undefined> {
  readonly #request: HttpClient['request'];
  readonly #url: string;
  readonly #options: DownloadOptions;
  /** The answer that is read. */
  #response: HttpResponse | undefined;
  #chunks: AsyncIterator<Uint8Array> | undefined;
  /** Bytes of it to drop. */
  #skip = 0;
  #position: number;
  #version: Version | undefined;
  #isOver = false;

  constructor(request: HttpClient['request'], url: string, options: DownloadOptions) {
    this.#request = request;
    this.#url = url;
    this.#options = options;
    this.#position = options.offset ?? 0;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const { tries } = this.#options;
    try {
      while (!this.#isOver) {
        const chunks = this.#chunks ?? (await this.#open());
        if (chunks === undefined) break;
        try {
          const fresh = await this.#fresh(chunks);
          if (fresh === undefined) break;
          tries.reset();
          return { done: false, value: fresh };
        } catch (error) {
          await tries.next(error);
          await this.#close();
        }
      }
    } catch (error) {
      await this.return();
      throw error;
    }
    return await this.#end();
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    await this.#chunks?.return?.();
    return await this.#end();
  }

  /** Asks for the rest; returns nothing when there is none. */
  async #open(): Promise<AsyncIterator<Uint8Array> | undefined> {
    const { isHasty, hasDigest = false, lease, signal, weight = 0 } = this.#options;
    const headers = { ...this.#options.headers, ...rangeHeaders(this.#position, this.#version) };
    const response = await this.#request(this.#url, { headers, weight, isHasty, lease, signal });
    this.#response = response;
    const { status, url } = response;
    if (status !== 200 && status !== 206 && status !== 416)
      throw await statusError(response, { method: 'GET', url });
    const part = partOf(response, { position: this.#position, version: this.#version, hasDigest });
    if (part === undefined) return undefined;
    this.#version ??= part.version;
    this.#skip = part.skip;
    this.#chunks = response.body[Symbol.asyncIterator]();
    return this.#chunks;
  }

  /** Returns the next bytes that are not here yet, or `undefined` at the end. */
  async #fresh(chunks: AsyncIterator<Uint8Array>): Promise<Uint8Array | undefined> {
    const total = this.#version?.total;
    for (;;) {
      const { done, value: chunk } = await chunks.next();
      if (done === true) break;
      if (this.#skip >= chunk.length) {
        this.#skip -= chunk.length;
        continue;
      }
      const fresh = this.#skip === 0 ? chunk : chunk.subarray(this.#skip);
      this.#skip = 0;
      this.#position += fresh.length;
      if (total === undefined || this.#position <= total) return fresh;
      throw wrongBody(this.#url, `the server sends more than the ${total} bytes it announced`);
    }
    if (this.#skip > 0)
      throw wrongBody(this.#url, `it ends ${this.#skip} bytes before byte ${this.#position}`);
    if (total === undefined || this.#position === total) return undefined;
    throw endedEarly(this.#url, this.#position, total);
  }

  async #end(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#isOver = true;
    await this.#close();
    return { done: true, value: undefined };
  }

  async #close(): Promise<void> {
    const response = this.#response;
    this.#response = undefined;
    this.#chunks = undefined;
    await response?.[Symbol.asyncDispose]();
  }
}

function rangeHeaders(position: number, version: Version | undefined): HttpHeaders {
  if (position === 0) return {};
  const range = `bytes=${position}-`;
  const etag = version?.etag ?? 'W/';
  return etag.startsWith('W/') ? { range } : { range, 'if-range': etag };
}

interface Wanted {
  readonly position: number;
  /** The version that earlier parts are from. */
  readonly version: Version | undefined;
  readonly hasDigest: boolean;
}

/** Returns the part in an answer, or `undefined` when we already have everything. */
function partOf(response: HttpResponse, { position, version: known, hasDigest }: Wanted): Part | undefined {
  const { status, headers, url } = response;
  if (status === 416) return nothingLeft(response, position, known);
  if (isHtml(headers) && !isPage(url))
    throw wrongBody(url, 'the server answered with an HTML page', {
      hint: 'Open the address in a browser: it may be a login form, or the notice of a proxy.',
    });
  const range =
    status === 206 ? parseContentRange(headers['content-range']) : { first: 0, total: lengthOf(headers) };
  if (range?.first === undefined || (status === 206 && range.first !== position))
    throw wrongBody(
      url,
      `bytes from ${position} on were asked for, and the server sent "${headers['content-range'] ?? ''}"`,
    );
  const version = {
    url,
    etag: hasDigest ? undefined : headers['etag'],
    modified: hasDigest ? undefined : headers['last-modified'],
    total: range.total,
  };
  assertSame(known, version, url);
  return { skip: position - range.first, version };
}

/** "Range not satisfiable" is a success when nothing is left to send. */
function nothingLeft(
  { headers, url }: HttpResponse,
  position: number,
  known: Version | undefined,
): undefined {
  const total = parseContentRange(headers['content-range'])?.total ?? known?.total;
  if (total === position) return undefined;
  throw wrongBody(
    url,
    `bytes from ${position} on were asked for, and the server has ${total ?? 'not that many'}`,
  );
}

function assertSame(known: Version | undefined, found: Version, url: string): void {
  if (known === undefined) return;
  // Etags and times belong to one server: mirrors of the same file have different ones.
  const isOne = known.url === found.url || new URL(known.url).origin === new URL(found.url).origin;
  const names = isOne ? (['total', 'etag', 'modified'] as const) : (['total'] as const);
  const changed = names.some(
    (name) => known[name] !== undefined && found[name] !== undefined && known[name] !== found[name],
  );
  if (changed)
    throw wrongBody(url, 'the file changed on the server while it was being fetched', {
      hint: 'Run the command again.',
    });
}

function isPage(url: string): boolean {
  return /\.(x?html?)$/i.test(new URL(url).pathname);
}

function lengthOf(headers: HttpHeaders): number | undefined {
  const length = headers['content-length'];
  return length !== undefined && /^\d+$/.test(length) ? Number(length) : undefined;
}

function wrongBody(
  url: string,
  fact: string,
  options: { readonly hint?: string | undefined } = {},
): SaddlebagError {
  return new SaddlebagError('ERR_HTTP_BODY', `Cannot fetch "${redactUrl(url)}": ${fact}`, options);
}

function endedEarly(url: string, position: number, total: number): NetworkError {
  return new NetworkError(
    'ERR_NETWORK_FAILED',
    `Cannot fetch "${redactUrl(url)}": the answer ended at byte ${position} of ${total}`,
    { transient: true },
  );
}
