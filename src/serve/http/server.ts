import {
  createServer,
  type RequestListener,
  type Server,
  type ServerOptions as HttpOptions,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { factOf } from '../../disk/errno.ts';
import { messageOf, SaddlebagError } from '../../internal/error.ts';
import { admitFairly } from './admission.ts';
import { refuseMalformed } from './malformed.ts';

/** Limits on what a client may hold; times in milliseconds. */
interface ServerLimits {
  /** Open connections, shared fairly among clients. */
  readonly connections: number;
  /** A request, and a TLS handshake, must be complete within this time. */
  readonly request: number;
  /** An idle connection is closed after this time. */
  readonly idle: number;
  /** A client that accepts no data for this long counts as stalled. */
  readonly stall: number;
}

export interface ListenOptions {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** PEM; without it, the server speaks plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  readonly limits?: Partial<ServerLimits> | undefined;
}

/** A server that is listening. */
export interface RunningServer {
  /** `http://HOST:PORT` */
  readonly url: string;
  /** Returns the number of open connections. */
  connections(): number;
  /** Stops accepting and returns when all answers under way are complete, or after `grace` (milliseconds). */
  stop(grace: number): Promise<void>;
}

/** A client must accept 256 KiB of a blob within `stall`, which even the slowest line can carry. */
export const SERVER_LIMITS: ServerLimits = {
  connections: 2048,
  request: 10_000,
  idle: 15_000,
  stall: 60_000,
};
/** Longest request head (bytes): room for the largest token a client may send. */
const HEAD_SIZE = 16 * 1024;
/** How often the server checks for late requests and, while stopping, closes finished connections (milliseconds). */
const LOOK_EVERY = 1000;
const DRAIN_EVERY = 20;

/**
 * Starts listening. Requests go through Node's strict parser, which rejects anything that two programs could read
 * differently.
 *
 * @throws `ERR_LISTEN_FAILED`; `ERR_CREDENTIALS_INVALID` for an invalid certificate or key
 */
export async function startServer(listener: RequestListener, options: ListenOptions): Promise<RunningServer> {
  const limits = { ...SERVER_LIMITS, ...options.limits };
  const server = createWith(listener, limits, options.tls);
  const open = admitFairly(server, limits.connections);
  server.on('clientError', refuseMalformed);
  // Answers `Expect: 100-continue` at once.
  server.on('checkContinue', listener);
  const { port } = await listen(server, options);
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://${host}:${port}`,
    connections: open,
    stop: async (grace) => await stop(server, grace),
  };
}

function createWith(listener: RequestListener, limits: ServerLimits, tls: ListenOptions['tls']): Server {
  const http: HttpOptions = {
    maxHeaderSize: HEAD_SIZE,
    headersTimeout: limits.request,
    requestTimeout: limits.request,
    keepAliveTimeout: limits.idle,
    connectionsCheckingInterval: Math.min(LOOK_EVERY, limits.request),
    insecureHTTPParser: false,
    requireHostHeader: true,
    noDelay: true,
  };
  if (tls === undefined) return createServer(http, listener);
  try {
    const secure = { ...http, ...tls, minVersion: 'TLSv1.2', handshakeTimeout: limits.request } as const;
    return createTlsServer(secure, listener);
  } catch (cause) {
    throw new SaddlebagError(
      'ERR_CREDENTIALS_INVALID',
      `Cannot serve over TLS: certificate and key do not match (${messageOf(cause)})`,
      {
        hint: 'Both must be PEM files: the first certificate must be that of this server, and the key must not be encrypted.',
      },
    );
  }
}

async function listen(server: Server, { host, port }: ListenOptions): Promise<AddressInfo> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host, port }, resolve);
  try {
    await promise;
  } catch (cause) {
    throw new SaddlebagError('ERR_LISTEN_FAILED', `Cannot listen on ${host}:${port}: ${factOf(cause)}`, {
      hint: 'Choose another address with --listen HOST:PORT.',
      cause,
    });
  }
  server.off('error', reject);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a server listens on an address');
  return address;
}

async function stop(server: Server, grace: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  const waiting = new AbortController();
  const drained = closed.finally(() => waiting.abort());
  const end = performance.now() + grace;
  while (!waiting.signal.aborted && performance.now() < end) {
    server.closeIdleConnections();
    await pause(DRAIN_EVERY, undefined, { signal: waiting.signal }).catch(() => undefined);
  }
  server.closeAllConnections();
  await drained;
}
