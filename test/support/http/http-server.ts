import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { isIPv4, type AddressInfo } from 'node:net';

/** One request as the server saw it. */
export interface SeenRequest {
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Whole body, once it has arrived. */
  readonly body: () => Promise<Buffer>;
}

/** Answers one request. A rejected promise cuts the connection. */
export type Script = (
  request: SeenRequest,
  response: ServerResponse,
  raw: IncomingMessage,
) => void | Promise<void>;

export interface ScriptedServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, without a final slash. */
  readonly url: string;
  readonly port: number;
  /** Every request so far, in order. */
  readonly requests: readonly SeenRequest[];
  /** The most requests that were under way at once. */
  readonly peak: () => number;
  /** Connections accepted so far. */
  readonly connections: () => number;
  /** Requests under way. */
  readonly open: () => number;
}

/** Starts a server on 127.0.0.1 that does with each request what `script` says: answer, lie, stall or cut the line. */
export async function startHttpServer(
  script: Script,
  options: {
    readonly tls?: { readonly key: string; readonly cert: string; readonly ca?: string } | undefined;
    readonly host?: string;
    /** A free one when left out. */
    readonly port?: number;
  } = {},
): Promise<ScriptedServer> {
  const requests: SeenRequest[] = [];
  let open = 0;
  let peak = 0;
  let connections = 0;
  const listener: RequestListener = (raw, response) => {
    open += 1;
    peak = Math.max(peak, open);
    response.once('close', () => {
      open -= 1;
    });
    const seen = describe(raw);
    requests.push(seen);
    Promise.resolve(seen)
      .then((request) => script(request, response, raw))
      .catch(() => response.destroy());
  };
  const { tls, host = '127.0.0.1' } = options;
  const server =
    tls === undefined
      ? createServer(listener)
      : createTlsServer({ ...tls, ...(tls.ca === undefined ? {} : { requestCert: true }) }, listener);
  server.on(tls === undefined ? 'connection' : 'secureConnection', () => {
    connections += 1;
  });
  server.listen(options.port ?? 0, host);
  await once(server, 'listening');
  const { port } = addressOf(server.address());
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${isIPv4(host) ? host : `[${host}]`}:${port}`,
    port,
    requests,
    peak: () => peak,
    connections: () => connections,
    open: () => open,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Answers with `content`, or with the part of it that a `Range` header asks for, as a file server does. */
export function serveFile(
  request: SeenRequest,
  response: ServerResponse,
  content: Buffer,
  headers: Readonly<Record<string, string>> = {},
): void {
  const first = rangeStart(request);
  const conditional = request.headers['if-range'];
  if (first === undefined || (conditional !== undefined && conditional !== headers['etag'])) {
    response.writeHead(200, { 'content-length': content.length, ...headers }).end(content);
  } else if (first >= content.length) {
    response.writeHead(416, { 'content-range': `bytes */${content.length}`, ...headers }).end();
  } else {
    response
      .writeHead(206, {
        'content-length': content.length - first,
        'content-range': `bytes ${first}-${content.length - 1}/${content.length}`,
        ...headers,
      })
      .end(content.subarray(first));
  }
}

/** Sends the beginning of an answer that announces more, and resolves when it has left. The response stays open. */
export async function sendBeginning(
  response: ServerResponse,
  bytes: Uint8Array,
  head: { readonly status?: number; readonly headers: Readonly<Record<string, string | number>> },
): Promise<void> {
  response.writeHead(head.status ?? 200, head.headers);
  const { promise, resolve } = Promise.withResolvers<void>();
  response.write(bytes, () => resolve());
  await promise;
}

/** Cuts the line in the rudest way: a TCP reset. */
export function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

/** Returns the first byte a request asks for, or `undefined` when it wants the whole. */
export function rangeStart(request: SeenRequest): number | undefined {
  const match = /^bytes=(\d+)-$/.exec(request.headers['range'] ?? '');
  return match === null ? undefined : Number(match[1]);
}

function describe(raw: IncomingMessage): SeenRequest {
  return {
    method: raw.method ?? '',
    path: raw.url ?? '',
    headers: Object.fromEntries(Object.entries(raw.headers).map(([name, value]) => [name, String(value)])),
    body: async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of raw) chunks.push(Buffer.from(chunk));
      return Buffer.concat(chunks);
    },
  };
}

function addressOf(address: string | AddressInfo | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return address;
}
