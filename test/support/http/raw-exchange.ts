import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection that says what it is told to, to the byte. */
export interface RawConnection extends Disposable {
  readonly socket: Socket;
  send(text: string): void;
  /** Everything that came back, once the other side has closed. */
  rest(): Promise<string>;
}

/** Opens a connection to `host` (`127.0.0.1:PORT`), from another address of this machine when `from` is given. */
export async function openRaw(
  host: string,
  options: { readonly from?: string } = {},
): Promise<RawConnection> {
  const [address = '', port = ''] = host.split(':');
  const socket = connect({ host: address, port: Number(port), localAddress: options.from });
  let received = '';
  socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
  // A connection that is cut ends the same way as one that is closed.
  socket.on('error', () => undefined);
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  socket.once('close', () => resolve());
  await once(socket, 'connect');
  return {
    socket,
    send: (text) => void socket.write(text),
    rest: async () => {
      await closed;
      return received;
    },
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

/** Sends bytes and returns all that comes back until the other side closes. */
export async function rawExchange(host: string, text: string): Promise<string> {
  using connection = await openRaw(host);
  connection.send(text);
  return await connection.rest();
}
