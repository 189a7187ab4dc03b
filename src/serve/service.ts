import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { messageOf } from '../internal/error.ts';
import type { AccessEntry, LogEvent } from './http/access-log.ts';
import { answer, type AnswerOptions } from './http/answer.ts';
import { readKit } from '../kit/read.ts';
import type { Guard } from './access/guard.ts';
import type { WholeKit } from './downloads/kit-site.ts';
import type { HoldingOptions } from './holdings/holding.ts';
import { whoseBlob } from './holdings/whose.ts';
import { type Library, openLibrary } from './holdings/library.ts';
import { createMetrics } from './metrics.ts';
import { createRouter } from './router.ts';
import { type ListenOptions, SERVER_LIMITS, startServer } from './http/server.ts';

export interface ServiceOptions extends ListenOptions, HoldingOptions {
  /** Bundles and layouts to serve together. */
  readonly paths: readonly string[];
  /** Decides who may come in; when left out, everybody may. */
  readonly guard?: Guard | undefined;
  /** Where to look for a kit to hand on; the first folder that has a whole one counts. */
  readonly kitFolders?: readonly string[] | undefined;
  readonly onAccess?: ((entry: AccessEntry) => void) | undefined;
  readonly onEvent?: ((event: LogEvent) => void) | undefined;
}

/** A running service. */
export interface Service {
  /** `http://HOST:PORT` */
  readonly url: string;
  readonly library: Library;
  /** Requests answered and bytes sent. */
  readonly counts: { readonly requests: number; readonly bytes: number };
  /** Stops gracefully, after `grace` (milliseconds) at the latest. */
  stop(grace: number): Promise<void>;
}

/**
 * Serves bundles over HTTP: as a registry, as a mirror, and as the sites that their content came from.
 *
 * @throws as `openLibrary` and `startServer`
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { paths, onEvent } = options;
  const counts = { requests: 0, bytes: 0 };
  let connections = (): number => 0;
  const metrics = createMetrics(() => connections());
  const kit = await firstKit(options.kitFolders ?? []);
  const library = await openLibrary(paths, {
    signal: options.signal,
    trust: options.trust,
    signedOnly: options.signedOnly,
    open: options.open,
    onVerified: () => metrics.countVerified(),
    onDamage: (error, path) => {
      metrics.countDamaged();
      tell(`${error.message}, in "${path}"`);
    },
  });
  const whose = whoseBlob(library);
  let told = Promise.resolve();
  // One after the other, in the order in which things happened.
  const tell = (message: string): void => {
    told = told.then(async () => onEvent?.({ level: 'error', message: await whose(message) }));
  };
  const onAccess = (entry: AccessEntry, route: string): void => {
    counts.requests += 1;
    counts.bytes += entry.bytes;
    metrics.observe({ ...entry, method: METHODS.has(entry.method) ? entry.method : 'other', route });
    options.onAccess?.(entry);
  };
  try {
    const listener = listenerOf({
      route: createRouter(library, { metrics, kit }),
      scheme: options.tls === undefined ? 'http' : 'https',
      stallLimit: options.limits?.stall ?? SERVER_LIMITS.stall,
      guard: options.guard,
      onFailure: tell,
      onAccess,
    });
    const server = await startServer(listener, options);
    connections = () => server.connections();
    return {
      url: server.url,
      library,
      counts,
      stop: async (grace) => {
        await server.stop(grace);
        await told;
        await library[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await library[Symbol.asyncDispose]();
    throw error;
  }
}

async function firstKit(folders: readonly string[]): Promise<WholeKit | undefined> {
  for (const folder of folders) {
    const kit = await readKit(folder);
    const { sums, digest } = kit ?? {};
    if (kit !== undefined && sums !== undefined && digest !== undefined) return { ...kit, sums, digest };
  }
  return undefined;
}

/** A client may send any word as a method, and each would create a metric series that never goes away. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

interface ListenerOptions extends AnswerOptions {
  readonly onAccess: (entry: AccessEntry, route: string) => void;
}

/**
 * Answers the requests of one connection one at a time: otherwise a client that sends a thousand requests and reads nothing
 * would hold a thousand answers in memory.
 */
function listenerOf(options: ListenerOptions): RequestListener {
  const lastOn = new WeakMap<Socket, Promise<void>>();
  return (request, response) => {
    const { socket } = request;
    const { promise, resolve } = Promise.withResolvers<void>();
    response.once('close', resolve);
    const before = lastOn.get(socket);
    lastOn.set(socket, promise);
    void inTurn(before, () => {
      if (!socket.destroyed) answerAndTell(request, response, options);
    });
  };
}

async function inTurn(before: Promise<void> | undefined, start: () => void): Promise<void> {
  await before;
  start();
}

function answerAndTell(request: IncomingMessage, response: ServerResponse, options: ListenerOptions): void {
  const started = performance.now();
  const sentBefore = request.socket.bytesWritten;
  const client = request.socket.remoteAddress ?? '';
  const named = answer(request, response, options)
    .catch((error: unknown) => {
      options.onFailure(`Cannot answer: ${messageOf(error)}`);
      response.destroy();
      return 'none';
    })
    .finally(() => {
      // The whole answer has been written by now, and the system would hold on to data that nobody reads.
      if (!response.writableFinished) response.setTimeout(options.stallLimit);
    });
  response.once('close', () => {
    const entry = {
      client,
      method: request.method ?? '',
      target: request.url ?? '',
      status: response.statusCode,
      bytes: request.socket.bytesWritten - sentBefore,
      seconds: (performance.now() - started) / 1000,
      agent: request.headers['user-agent'] ?? '',
      cut: !response.writableFinished,
    };
    void named.then((name) => options.onAccess(entry, name));
  });
}
