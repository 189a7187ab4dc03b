import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A way to a server that breaks. */
export interface CuttingProxy extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** Connections cut so far. */
  readonly cuts: () => number;
}

/** Passes bytes on to a port of 127.0.0.1; the first `times` connections that carry more than `afterBytes` to it are cut. */
export async function startCuttingProxy(
  port: number,
  { afterBytes, times = 1 }: { readonly afterBytes: number; readonly times?: number },
): Promise<CuttingProxy> {
  let cuts = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    let carried = 0;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => sockets.delete(socket));
    }
    client.on('data', (chunk) => {
      carried += chunk.length;
      if (carried <= afterBytes || cuts >= times) return;
      cuts += 1;
      client.destroy();
      upstream.destroy();
    });
    client.pipe(upstream).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Cannot listen: no port was given');
  return {
    host: `127.0.0.1:${address.port}`,
    cuts: () => cuts,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
