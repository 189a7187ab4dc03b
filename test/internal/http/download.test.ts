import { createHash, randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { type ByteStream, collectBytes } from '../../../src/internal/bytes.ts';
import { createHttpClient, type HttpClientOptions } from '../../../src/internal/http/client.ts';
import type { HttpHeaders } from '../../../src/internal/http/http.ts';
import {
  rangeStart,
  reset,
  type Script,
  type SeenRequest,
  sendBeginning,
  serveFile,
  startHttpServer,
} from '../../support/http/http-server.ts';
import { waitUntil } from '../../support/wait-until.ts';

const CONTENT = randomBytes(300_000);
const settings: HttpClientOptions = { backoff: { base: 0.001, max: 0.01 }, silenceTimeout: 0.3, retries: 3 };

describe('download', () => {
  it('yields the body, asked for as it is', async () => {
    const { bytes, requests } = await fetchWith((request, response) => serveFile(request, response, CONTENT));
    expect(bytes.equals(CONTENT)).toBe(true);
    expect(requests[0]?.headers).toMatchObject({ 'accept-encoding': 'identity', 'user-agent': 'saddlebag' });
    expect(requests[0]?.headers['range']).toBeUndefined();
  });

  it('begins at the offset', async () => {
    const { bytes, requests } = await fetchWith(
      (request, response) => serveFile(request, response, CONTENT),
      {
        offset: 100_000,
      },
    );
    expect(bytes.equals(CONTENT.subarray(100_000))).toBe(true);
    expect(requests[0]?.headers['range']).toBe('bytes=100000-');
  });

  it('drops what is here already when the server ignores Range', async () => {
    const { bytes } = await fetchWith((_, response) => void response.end(CONTENT), { offset: 100_001 });
    expect(bytes.equals(CONTENT.subarray(100_001))).toBe(true);
  });

  it('has nothing to do when everything is here: status 416 with that size', async () => {
    const { bytes, requests } = await fetchWith(
      (request, response) => serveFile(request, response, CONTENT),
      {
        offset: CONTENT.length,
      },
    );
    expect(bytes.length).toBe(0);
    expect(requests.length).toBe(1);
  });

  it('has nothing to do when everything is here: status 200 of that length', async () => {
    const { bytes } = await fetchWith((_, response) => void response.end(CONTENT), {
      offset: CONTENT.length,
    });
    expect(bytes.length).toBe(0);
  });

  it('yields nothing for an empty file', async () => {
    const { bytes } = await fetchWith((_, response) => void response.end());
    expect(bytes.length).toBe(0);
  });

  it('sends the headers with every try', async () => {
    const { requests } = await fetchWith(
      brokenAt([1000], (response) => reset(response)),
      {
        headers: { authorization: 'Bearer mine' },
      },
    );
    expect(requests.map(({ headers }) => headers['authorization'])).toEqual(['Bearer mine', 'Bearer mine']);
  });

  it('reads on after the answer of a server that closes the line when it is done', async () => {
    const { bytes } = await fetchWith((_, response) => {
      response.useChunkedEncodingByDefault = false;
      response.writeHead(200, { connection: 'close' });
      response.end(CONTENT);
    });
    expect(bytes.equals(CONTENT)).toBe(true);
  });
});

describe('a download whose connection breaks', () => {
  it.each<[string, (response: ServerResponse) => void]>([
    ['is reset', (response) => reset(response)],
    ['is closed early', (response) => void response.socket?.end()],
    ['is destroyed', (response) => void response.destroy()],
    ['falls silent', () => undefined],
  ])('goes on where it was when it %s', async (_, breakOff) => {
    const { bytes, requests } = await fetchWith(brokenAt([70_000, 150_000, 150_001], breakOff));
    expect(sha256(bytes)).toBe(sha256(CONTENT));
    expect(requests.map((request) => rangeStart(request) ?? 0)).toEqual([0, 70_000, 150_000, 150_001]);
  });

  it.each(['keep-alive', 'close'])(
    'continues when a chunked answer (%s) lacks its end',
    async (connection) => {
      const { bytes } = await fetchWith(async (request, response) => {
        if (request.headers['range'] !== undefined) return serveFile(request, response, CONTENT);
        await sendBeginning(response, CONTENT.subarray(0, 1234), {
          headers: { 'transfer-encoding': 'chunked', connection },
        });
        return void response.socket?.end();
      });
      expect(sha256(bytes)).toBe(sha256(CONTENT));
    },
  );

  it('reads from the beginning again when the server ignores Range, and yields each byte once', async () => {
    const { bytes, requests } = await fetchWith(async (_, response, count) => {
      if (count > 2) return void response.end(CONTENT);
      await sendBeginning(response, CONTENT.subarray(0, count * 50_000), {
        headers: { 'content-length': CONTENT.length },
      });
      return reset(response);
    });
    expect(sha256(bytes)).toBe(sha256(CONTENT));
    expect(requests.map((request) => request.headers['range'])).toEqual([
      undefined,
      'bytes=50000-',
      'bytes=100000-',
    ]);
  });

  it('forgets earlier failures when it makes progress', async () => {
    const cuts = Array.from({ length: 20 }, (_, index) => (index + 1) * 10_000);
    const { bytes, requests } = await fetchWith(brokenAt(cuts, (response) => reset(response)));
    expect(sha256(bytes)).toBe(sha256(CONTENT));
    expect(requests.length).toBe(21);
  });

  it('gives up when it makes none', async () => {
    await expect(
      fetchWith(brokenAt([5000, 5000, 5000, 5000, 5000], (response) => reset(response))),
    ).rejects.toMatchObject({
      code: 'ERR_NETWORK_FAILED',
      message: expect.stringMatching(
        /^Cannot fetch "http:\/\/127\.0\.0\.1:\d+\/file": the connection broke off$/,
      ),
    });
  });

  it('does not take reading again what is here for progress', async () => {
    const script: Script = async (_, response) => {
      await sendBeginning(response, CONTENT.subarray(0, 5000), {
        headers: { 'content-length': CONTENT.length },
      });
      reset(response);
    };
    await using server = await startHttpServer(script);
    await expect(fetchFrom(`${server.url}/file`)).rejects.toMatchObject({ code: 'ERR_NETWORK_FAILED' });
    expect(server.requests.length).toBe(4);
  });

  it('says that the server stopped sending when silence was the last straw', async () => {
    const silent = (): void => undefined;
    await expect(fetchWith(brokenAt([10, 10], silent), {}, { retries: 1 })).rejects.toMatchObject({
      code: 'ERR_NETWORK_TIMEOUT',
      message: expect.stringContaining('the server stopped sending'),
    });
  });

  it('asks on when the server sends less than the rest', async () => {
    const { bytes, requests } = await fetchWith(
      (request, response) => {
        const first = rangeStart(request) ?? 0;
        const part = CONTENT.subarray(first, first + 120_000);
        const range = `bytes ${first}-${first + part.length - 1}/${CONTENT.length}`;
        if (first === 0) serveFile(request, response, CONTENT);
        else response.writeHead(206, { 'content-range': range, 'content-length': part.length }).end(part);
      },
      { offset: 1 },
    );
    expect(sha256(bytes)).toBe(sha256(CONTENT.subarray(1)));
    expect(requests.map(rangeStart)).toEqual([1, 120_001, 240_001]);
  });

  it('sends If-Range when it knows a strong tag, none when the tag is weak', async () => {
    const strong = await fetchWith(brokenAt([1000], (response) => reset(response), { etag: '"v1"' }));
    expect(strong.requests[1]?.headers['if-range']).toBe('"v1"');
    const weak = await fetchWith(brokenAt([1000], (response) => reset(response), { etag: 'W/"v1"' }));
    expect(weak.requests[1]?.headers['if-range']).toBeUndefined();
    expect(sha256(weak.bytes)).toBe(sha256(CONTENT));
  });
});

describe('a download of something that changes meanwhile', () => {
  it.each<[string, HttpHeaders, HttpHeaders]>([
    ['tag', { etag: '"v1"' }, { etag: '"v2"' }],
    ['weak tag', { etag: 'W/"v1"' }, { etag: 'W/"v2"' }],
    [
      'date',
      { 'last-modified': 'Fri, 31 Dec 1999 23:59:59 GMT' },
      { 'last-modified': 'Sat, 01 Jan 2000 00:00:00 GMT' },
    ],
  ])('is refused by its %s', async (_, before, after) => {
    await expect(changing(CONTENT, before, CONTENT, after)).rejects.toMatchObject({
      code: 'ERR_HTTP_BODY',
      message: expect.stringContaining('the file changed on the server while it was being fetched'),
    });
  });

  it('is refused by its size', async () => {
    await expect(changing(CONTENT, {}, CONTENT.subarray(0, 200_000), {})).rejects.toMatchObject({
      code: 'ERR_HTTP_BODY',
    });
  });

  it('continues at a mirror, whose tags and dates are its own', async () => {
    await using mirror = await startHttpServer((request, response) =>
      serveFile(request, response, CONTENT, {
        etag: 'W/"other"',
        'last-modified': 'Sat, 01 Jan 2000 00:00:00 GMT',
      }),
    );
    const { bytes } = await fetchWith(async (request, response) => {
      if (request.headers['range'] !== undefined)
        return void response.writeHead(302, { location: mirror.url }).end();
      await sendBeginning(response, CONTENT.subarray(0, 1000), {
        headers: { 'content-length': CONTENT.length, etag: '"v1"' },
      });
      return reset(response);
    });
    expect(sha256(bytes)).toBe(sha256(CONTENT));
    expect(mirror.requests.length).toBe(1);
  });
});

describe('a download that is answered with something else', () => {
  it.each<[string, (response: ServerResponse) => void, string]>([
    [
      'a part that begins elsewhere',
      (response) =>
        void response.writeHead(206, { 'content-range': 'bytes 0-9/20' }).end(CONTENT.subarray(0, 10)),
      'bytes from 10 on were asked for, and the server sent "bytes 0-9/20"',
    ],
    [
      'a part that does not say where it begins',
      (response) => void response.writeHead(206).end(CONTENT.subarray(0, 10)),
      'bytes from 10 on were asked for, and the server sent ""',
    ],
    [
      'a file that is shorter than what is here',
      (response) =>
        void response.writeHead(200, { 'transfer-encoding': 'chunked' }).end(CONTENT.subarray(0, 4)),
      'it ends 6 bytes before byte 10',
    ],
    [
      'a range that cannot be served, of another size',
      (response) => void response.writeHead(416, { 'content-range': 'bytes */5' }).end(),
      'bytes from 10 on were asked for, and the server has 5',
    ],
    [
      'a range that cannot be served, of no size',
      (response) => void response.writeHead(416).end(),
      'bytes from 10 on were asked for, and the server has not that many',
    ],
    [
      'more than it announced',
      (response) =>
        void response
          .writeHead(206, { 'content-range': 'bytes 10-19/20', 'transfer-encoding': 'chunked' })
          .end(CONTENT.subarray(0, 11)),
      'the server sends more than the 20 bytes it announced',
    ],
    [
      'an HTML page',
      (response) =>
        void response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<p>Log in'),
      'the server answered with an HTML page',
    ],
  ])('refuses %s', async (_, answer, fact) => {
    await expect(fetchWith((__, response) => answer(response), { offset: 10 })).rejects.toMatchObject({
      code: 'ERR_HTTP_BODY',
      message: expect.stringMatching(
        new RegExp(`^Cannot fetch "http://127.0.0.1:\\d+/file": ${escape(fact)}$`),
      ),
    });
  });

  it('takes an HTML page for what it is when the address is that of a page', async () => {
    await using server = await startHttpServer(
      (_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>Read me'),
    );
    expect((await fetchFrom(`${server.url}/docs/readme.html`)).toString()).toBe('<p>Read me');
  });

  it.each([
    [404, 'ERR_UPSTREAM_NOT_FOUND'],
    [410, 'ERR_UPSTREAM_NOT_FOUND'],
    [403, 'ERR_HTTP_STATUS'],
    [304, 'ERR_HTTP_STATUS'],
    [204, 'ERR_HTTP_STATUS'],
  ])('turns status %i into %s', async (status, code) => {
    await expect(fetchWith((_, response) => void response.writeHead(status).end())).rejects.toMatchObject({
      code,
      status,
      message: expect.stringContaining(`the server answered ${status}`),
    });
  });
});

/** A server whose answers end at one byte after the other, then go through. */
function brokenAt(
  cuts: readonly number[],
  breakOff: (response: ServerResponse) => void,
  headers: HttpHeaders = {},
): CountedScript {
  return async (request, response, count) => {
    const cut = cuts[count - 1];
    const first = rangeStart(request) ?? 0;
    if (cut === undefined) return serveFile(request, response, CONTENT, headers);
    const partial =
      first === 0 ? {} : { 'content-range': `bytes ${first}-${CONTENT.length - 1}/${CONTENT.length}` };
    await sendBeginning(response, CONTENT.subarray(first, cut), {
      status: first === 0 ? 200 : 206,
      headers: { 'content-length': CONTENT.length - first, ...partial, ...headers },
    });
    // Cut only what has arrived: a reset overtakes bytes on their way.
    await waitUntil(() => received >= cut);
    return breakOff(response);
  };
}

async function changing(
  before: Buffer,
  beforeHeaders: HttpHeaders,
  after: Buffer,
  afterHeaders: HttpHeaders,
): Promise<unknown> {
  return await fetchWith(async (request, response, count) => {
    if (count > 1) return serveFile(request, response, after, afterHeaders);
    await sendBeginning(response, before.subarray(0, 1000), {
      headers: { 'content-length': before.length, ...beforeHeaders },
    });
    return reset(response);
  });
}

type CountedScript = (request: SeenRequest, response: ServerResponse, count: number) => void | Promise<void>;

async function fetchWith(
  script: CountedScript,
  options: { readonly offset?: number; readonly headers?: HttpHeaders } = {},
  overrides: HttpClientOptions = {},
): Promise<{ bytes: Buffer; requests: readonly SeenRequest[] }> {
  await using server = await startHttpServer((request, response) =>
    script(request, response, server.requests.length),
  );
  return { bytes: await fetchFrom(`${server.url}/file`, options, overrides), requests: server.requests };
}

async function fetchFrom(
  url: string,
  options: Parameters<typeof fetchWith>[1] = {},
  overrides: HttpClientOptions = {},
): Promise<Buffer> {
  await using client = createHttpClient({ ...settings, ...overrides });
  received = options.offset ?? 0;
  const bytes = await collectBytes(counted(client.download(url, options)), {
    limit: 1 << 20,
    onExcess: () => new Error('too much'),
  });
  return Buffer.from(bytes);
}

/** Bytes that the download under way has yielded, and where it began. */
let received = 0;

async function* counted(stream: AsyncIterable<Uint8Array>): ByteStream {
  for await (const chunk of stream) {
    received += chunk.length;
    yield chunk;
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function escape(text: string): string {
  return text.replace(/[*()?.]/g, '\\$&');
}
