import { once } from 'node:events';
import { connect, isIP, isIPv4, type Socket } from 'node:net';

/** A SOCKS proxy refused. The message says what is the case. */
export class SocksError extends Error {
  /** Whether the destination failed, not the proxy, so that a retry may succeed. */
  readonly isAnswer: boolean;

  constructor(message: string, options: { readonly isAnswer?: boolean } = {}) {
    super(message);
    this.name = 'SocksError';
    this.isAnswer = options.isAnswer ?? false;
  }
}

export interface SocksOptions {
  /** `socks5://[user:password@]host[:port]`, user and password percent-encoded. */
  readonly proxy: URL;
  /** Milliseconds for the whole handshake. */
  readonly timeout: number;
}

const VERSION = 5;
const NO_LOGIN = 0;
const LOGIN = 2;
/** Version byte of the user name and password exchange (RFC 1929). */
const LOGIN_VERSION = 1;
const CONNECT = 1;
const ADDRESS = { ipv4: 1, name: 3, ipv6: 4 } as const;
const DEFAULT_PORT = 1080;
/** Bytes that a field with a one-byte length can hold. */
const FIELD_LIMIT = 255;

/** RFC 1928, 6: "Replies". */
const REPLIES: Readonly<Record<number, string>> = {
  1: 'the proxy failed',
  2: 'the rules of the proxy forbid it',
  3: 'the proxy cannot reach that network',
  4: 'the proxy cannot reach that host',
  5: 'the host refused the connection from the proxy',
  6: 'the path from the proxy to that host is too long',
  7: 'the proxy does not make connections',
  8: 'the proxy does not support this type of address',
};

/**
 * Returns a connection to `host` (a name, or an address without brackets) through a SOCKS 5 proxy (RFC 1928), which resolves
 * the name itself.
 *
 * @throws {@link SocksError}, and what connecting to the proxy throws
 */
export async function openSocksTunnel(
  destination: { readonly host: string; readonly port: number },
  { proxy, timeout }: SocksOptions,
): Promise<Socket> {
  const socket = connect({ host: bare(proxy.hostname), port: Number(proxy.port || DEFAULT_PORT) });
  const signal = AbortSignal.timeout(timeout);
  const onTimeout = (): void => void socket.destroy(timedOut());
  signal.addEventListener('abort', onTimeout, { once: true });
  try {
    await once(socket, 'connect');
    socket.setNoDelay(true);
    await greet(socket, proxy);
    socket.write(connectRequest(destination));
    await readReply(socket);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', onTimeout);
  }
}

/** Negotiates a login method, and logs in. */
async function greet(socket: Socket, proxy: URL): Promise<void> {
  const hasLogin = proxy.username !== '' || proxy.password !== '';
  const methods = hasLogin ? [NO_LOGIN, LOGIN] : [NO_LOGIN];
  socket.write(Buffer.from([VERSION, methods.length, ...methods]));
  const [version, method] = await take(socket, 2);
  if (version !== VERSION) throw new SocksError('the proxy does not speak SOCKS 5');
  if (method === NO_LOGIN) return;
  if (method !== LOGIN || !hasLogin)
    throw new SocksError(
      `the proxy asks for ${hasLogin ? 'another way to log in' : 'a user name and password'}`,
    );
  socket.write(
    Buffer.concat([
      Buffer.from([LOGIN_VERSION]),
      field(proxy.username, 'user name'),
      field(proxy.password, 'password'),
    ]),
  );
  const [, status] = await take(socket, 2);
  if (status !== 0) throw new SocksError('the proxy does not accept the user name and password');
}

function connectRequest({ host, port }: { readonly host: string; readonly port: number }): Buffer {
  const end = Buffer.alloc(2);
  end.writeUInt16BE(port);
  return Buffer.concat([Buffer.from([VERSION, CONNECT, 0]), addressOf(host), end]);
}

async function readReply(socket: Socket): Promise<void> {
  const [version, reply = 1, , type] = await take(socket, 4);
  if (version !== VERSION) throw new SocksError('the proxy does not speak SOCKS 5');
  if (reply !== 0) throw new SocksError(REPLIES[reply] ?? `the proxy answered ${reply}`, { isAnswer: true });
  // Skips the proxy's own address and port, which nobody needs.
  const [length = 0] = type === ADDRESS.name ? await take(socket, 1) : [type === ADDRESS.ipv4 ? 4 : 16];
  await take(socket, length + 2);
}

function addressOf(host: string): Buffer {
  if (isIPv4(host)) return Buffer.from([ADDRESS.ipv4, ...host.split('.').map(Number)]);
  if (isIP(host) === 6) return Buffer.from([ADDRESS.ipv6, ...ipv6Bytes(host)]);
  return Buffer.concat([Buffer.from([ADDRESS.name]), field(host, 'host name')]);
}

/** A URL spells IPv6 addresses in lower-case hexadecimal, with the longest run of zeros as `::`. */
function ipv6Bytes(host: string): readonly number[] {
  const [head = '', tail] = host.split('::');
  const groups = (text = ''): readonly number[] =>
    text
      .split(':')
      .filter((group) => group !== '')
      .map((group) => Number.parseInt(group, 16));
  const [left, right] = [groups(head), groups(tail)];
  const gap = Array.from({ length: 8 - left.length - right.length }, () => 0);
  return [...left, ...gap, ...right].flatMap((group) => [group >> 8, group & 0xff]);
}

function field(text: string, what: string): Buffer {
  const bytes = Buffer.from(decodeURIComponent(text));
  if (bytes.length > FIELD_LIMIT) throw new SocksError(`the ${what} is too long for a SOCKS proxy`);
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

/** Returns the next `count` bytes and leaves the rest in the socket. */
async function take(socket: Socket, count: number): Promise<Buffer> {
  for (;;) {
    const bytes: unknown = socket.read(count);
    if (bytes instanceof Buffer && bytes.length === count) return bytes;
    if (socket.readableEnded || bytes instanceof Buffer)
      throw new SocksError('the proxy closed the connection');
    await readable(socket);
  }
}

async function readable(socket: Socket): Promise<void> {
  const ended = new AbortController();
  try {
    await Promise.race([
      once(socket, 'readable', ended),
      once(socket, 'end', ended),
      once(socket, 'close', ended).then(() => {
        throw new SocksError('the proxy closed the connection');
      }),
    ]);
  } finally {
    ended.abort();
  }
}

function timedOut(): Error {
  return Object.assign(new Error('the SOCKS proxy did not answer in time'), { code: 'ETIMEDOUT' });
}

function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}
