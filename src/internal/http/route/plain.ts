import type { OnReadOpts, Socket } from 'node:net';
import type { buildConnector } from 'undici';
import type { LentMemory } from './lent-memory.ts';

/**
 * Returns a connector whose connections receive into lent memory; not for TLS, which receives in small records. By default, Node.js
 * allocates memory for each read: for large blobs that, and freeing it, is most of the work of receiving.
 */
export function plainConnector(
  connectorWith: (onread: OnReadOpts) => buildConnector.connector,
  memory: LentMemory,
): buildConnector.connector {
  return (target, callback) => {
    let socket: Socket | undefined;
    let current = memory.take();
    const onread = {
      buffer: () => current,
      callback: (count: number) => {
        const isBehind = socket === undefined || socket.readableLength > 0;
        const { bytes, isLent } = memory.lend(current, count);
        if (isLent) current = memory.take();
        socket?.push(bytes);
        return !isBehind;
      },
    };
    connectorWith(onread)(target, (...result) => {
      socket = result[1] ?? undefined;
      socket?.once('close', () => memory.keep(current));
      callback(...result);
    });
  };
}
