import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** How a SOCKS proxy behaves. */
export interface SocksManners {
  /** `user:password` that it wants (RFC 1929); nothing when left out. */
  readonly credentials?: string;
  /** Answers every request with this (RFC 1928, 6: "Replies"). */
  readonly reply?: number;
  /** Answers a greeting with this method. */
  readonly method?: number;
  /** Answers a greeting with these bytes, and nothing else. */
  readonly garbage?: string;
  /** Closes the connection once it has the greeting. */
  readonly hangsUp?: boolean;
  /** Says nothing at all. */
  readonly isMute?: boolean;
  /** How its replies say where it connected from; `ipv4` when left out. */
  readonly bound?: 'ipv4' | 'ipv6' | 'name';
}

export interface SocksProxy extends AsyncDisposable {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  /** `name registry.example:443`, `ipv4 192.0.2.1:80`, `ipv6 20010db8…:80`: what it was asked to connect to. */
  readonly seen: readonly string[];
  /** Logins that it was shown. */
  readonly logins: readonly string[];
}

/** Starts a SOCKS 5 proxy (RFC 1928). Whatever it is asked for, it goes to that port of 127.0.0.1. */
export async function startSocksProxy(manners: SocksManners = {}): Promise<SocksProxy> {
  const seen: string[] = [];
  const logins: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    converse(socket, { manners, seen, logins }).catch(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy listens on no port');
  return {
    host: `127.0.0.1:${address.port}`,
    seen,
    logins,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Record {
  readonly manners: SocksManners;
  readonly seen: string[];
  readonly logins: string[];
}

async function converse(socket: Socket, { manners, seen, logins }: Record): Promise<void> {
  const read = reader(socket);
  if (manners.isMute === true) return;
  const [version, count = 0] = await read(2);
  const methods = [...(await read(count))];
  if (version !== 5) throw new Error('no SOCKS 5');
  if (manners.garbage !== undefined) return void socket.end(manners.garbage);
  if (manners.hangsUp === true) return void socket.end();
  const wanted = manners.method ?? (manners.credentials === undefined ? 0 : 2);
  const method = methods.includes(wanted) || manners.method !== undefined ? wanted : 0xff;
  socket.write(Buffer.from([5, method]));
  if (method === 0xff) return;
  if (method === 2) {
    await read(1);
    const user = (await read((await read(1))[0] ?? 0)).toString();
    const password = (await read((await read(1))[0] ?? 0)).toString();
    logins.push(`${user}:${password}`);
    const isRight = `${user}:${password}` === manners.credentials;
    socket.write(Buffer.from([1, isRight ? 0 : 1]));
    if (!isRight) return;
  }
  const [, command, , type] = await read(4);
  const destination =
    type === 3
      ? `name ${(await read((await read(1))[0] ?? 0)).toString()}`
      : type === 1
        ? `ipv4 ${[...(await read(4))].join('.')}`
        : `ipv6 ${(await read(16)).toString('hex')}`;
  const port = (await read(2)).readUInt16BE();
  seen.push(`${destination}:${port}`);
  const reply = command === 1 ? (manners.reply ?? 0) : 7;
  if (reply !== 0) return void socket.end(replyOf(reply, manners));
  const onward = connect(port, '127.0.0.1');
  onward.on('error', () => socket.destroy());
  await once(onward, 'connect');
  socket.write(replyOf(0, manners));
  read.release();
  socket.pipe(onward).pipe(socket);
}

function replyOf(reply: number, { bound = 'ipv4' }: SocksManners): Buffer {
  const address = {
    ipv4: Buffer.from([1, 127, 0, 0, 1]),
    ipv6: Buffer.concat([Buffer.from([4]), Buffer.alloc(16)]),
    name: Buffer.concat([Buffer.from([3, 5]), Buffer.from('proxy')]),
  }[bound];
  return Buffer.concat([Buffer.from([5, reply, 0]), address, Buffer.from([4, 56])]);
}

/** Returns a function that takes so many bytes from a socket; what was read too much goes back when it is released. */
function reader(socket: Socket): ((count: number) => Promise<Buffer>) & { release: () => void } {
  let held = Buffer.alloc(0);
  let wake = (): void => undefined;
  const onData = (chunk: Buffer): void => {
    held = Buffer.concat([held, chunk]);
    wake();
  };
  socket.on('data', onData);
  const read = async (count: number): Promise<Buffer> => {
    while (held.length < count)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    const taken = held.subarray(0, count);
    held = held.subarray(count);
    return taken;
  };
  return Object.assign(read, {
    release: (): void => {
      socket.off('data', onData);
      if (held.length > 0) socket.unshift(held);
    },
  });
}
