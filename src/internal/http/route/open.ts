import type { OnReadOpts, Socket } from 'node:net';
import { buildConnector, type Dispatcher, Pool, ProxyAgent } from 'undici';
import type { TlsSettings } from '../http.ts';
import { BulkConnections } from '../bulk/connections.ts';
import { LentMemory } from './lent-memory.ts';
import { plainConnector } from './plain.ts';
import { type Environment, proxyFor } from './proxy.ts';
import { redactUrl } from '../redact.ts';
import { openSocksTunnel } from './socks.ts';
import { secureContextFor } from './trust.ts';

/** Windows may still write into memory of a connection that was closed. */
const CAN_LAND = process.platform !== 'win32';

/** The connections to one origin. */
export interface Route {
  readonly dispatcher: Dispatcher;
  /** The proxy in between, safe for messages. */
  readonly proxy?: string | undefined;
  /** Fetches what has a place to be received in; left out where there is a proxy in between. */
  readonly bulk?: BulkConnections | undefined;
  /** Takes back the memory of what was read; left out where the connections have memory of their own. */
  readonly memory?: LentMemory | undefined;
}

export interface RouteOptions {
  /** Environment that names proxies. */
  readonly env: Environment;
  readonly tls?: ((origin: string) => TlsSettings | undefined) | undefined;
  /** Seconds to establish a connection. */
  readonly connectTimeout: number;
  /** Connections to keep open to one origin. */
  readonly connections: number;
}

/**
 * Returns new connections to the origin of `url`, with its certificates and its proxy.
 *
 * @throws `ERR_REGISTRIES_INVALID` for certificates that cannot be read, `ERR_USAGE_INVALID` for a proxy variable without a URL
 */
export function openRoute(url: URL, options: RouteOptions): Route {
  const timeout = options.connectTimeout * 1000;
  // HTTP/1.1, one connection per transfer: the kernel sizes each window, and a slow reader holds up nobody else.
  const plain = { timeout, allowH2: false };
  const settings = options.tls?.(url.origin);
  const secureContext = url.protocol === 'https:' ? secureContextFor(url.origin, settings) : undefined;
  const strictness = settings?.rejectUnauthorized;
  // Node takes a field that is there for a decision, even an undefined one.
  const connect =
    strictness === undefined
      ? { ...plain, secureContext }
      : { ...plain, secureContext, rejectUnauthorized: strictness };
  const proxy = proxyFor(url, options.env);
  const pool = { allowH2: false, connections: options.connections };
  if (proxy === undefined) {
    const connectorWith = (onread: OnReadOpts) => buildConnector({ ...connect, onread });
    const bulk = CAN_LAND ? new BulkConnections(url, connectorWith) : undefined;
    if (url.protocol === 'https:') return { dispatcher: new Pool(url.origin, { ...pool, connect }), bulk };
    const memory = new LentMemory();
    const lending = plainConnector(connectorWith, memory);
    return { dispatcher: new Pool(url.origin, { ...pool, connect: lending }), memory, bulk };
  }
  if (/^socks/i.test(proxy))
    return {
      dispatcher: new Pool(url.origin, { ...pool, connect: throughSocks(new URL(proxy), connect) }),
      proxy: redactUrl(proxy),
    };
  const isSecure = proxy.startsWith('https:');
  const dispatcher = new ProxyAgent({
    ...pool,
    uri: proxy,
    // A silent proxy is detected as soon as a host that never accepts the connection.
    clientFactory: (origin, tunnel) => new Pool(origin, { ...tunnel, headersTimeout: timeout }),
    requestTls: connect,
    proxyTls: isSecure ? { ...plain, secureContext: secureContextFor(redactUrl(proxy)) } : plain,
  });
  return { dispatcher, proxy: redactUrl(proxy) };
}

/** undici's own SOCKS support warns on stderr, and handles neither IPv6 addresses nor special characters in the user. */
function throughSocks(
  proxy: URL,
  options: buildConnector.BuildOptions & { readonly timeout: number },
): buildConnector.connector {
  const secure = buildConnector(options);
  const dial = async (...[target, callback]: Parameters<typeof secure>): Promise<void> => {
    const isSecure = target.protocol === 'https:';
    const host = target.hostname.replace(/^\[(.*)\]$/, '$1');
    const port = Number(target.port || (isSecure ? 443 : 80));
    const socket = await tunnelOrError({ host, port }, { proxy, timeout: options.timeout });
    if (socket instanceof Error) callback(socket, null);
    else if (isSecure) secure({ ...target, httpSocket: socket }, callback);
    else callback(null, socket);
  };
  return (target, callback) => void dial(target, callback);
}

async function tunnelOrError(...wanted: Parameters<typeof openSocksTunnel>): Promise<Socket | Error> {
  try {
    return await openSocksTunnel(...wanted);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
