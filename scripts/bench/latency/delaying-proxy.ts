import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A long line to a server. */
interface DelayingProxy extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string;
}

/**
 * Passes bytes on to a port of 127.0.0.1, each half a round trip late; a new connection takes one round trip more, as TCP does.
 * Bandwidth is not limited.
 */
export async function startDelayingProxy(
  port: number,
  { roundTrip }: { readonly roundTrip: number },
): Promise<DelayingProxy> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ port, host: '127.0.0.1', noDelay: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => sockets.delete(socket));
    }
    const opened = performance.now() + roundTrip;
    passOn(client, upstream, () => Math.max(opened, performance.now()) + roundTrip / 2);
    passOn(upstream, client, () => performance.now() + roundTrip / 2);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Cannot listen: no port was given');
  return {
    host: `127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Timers of equal length end in the order they began, and these never get shorter. */
function passOn(from: Socket, to: Socket, due: () => number): void {
  const later = (task: () => void): void => void setTimeout(task, Math.round(due() - performance.now()));
  from.on('data', (chunk) => later(() => to.destroyed || to.write(chunk)));
  from.once('end', () => later(() => to.end()));
  from.once('close', () => later(() => to.destroy()));
}
