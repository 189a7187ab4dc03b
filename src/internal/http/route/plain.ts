import type { OnReadOpts, Socket } from 'node:net';
import type { buildConnector } from 'undici';
import type { LentMemory } from './lent-memory.ts';

/** What a connection receives into as long as little comes at once (bytes): most of them wait for short answers. */
const LITTLE = 16 * 1024;

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
    const little = Buffer.allocUnsafeSlow(LITTLE);
    /** Taken while much comes at once. */
    let large: Uint8Array | undefined;
    const onread = {
      buffer: () => large ?? little,
      callback: (count: number) => {
        const isBehind = socket === undefined || socket.readableLength > 0;
        socket?.push(received(count));
        return !isBehind;
      },
    };
    const received = (count: number): Uint8Array => {
      if (large === undefined) {
        if (count === LITTLE) large = memory.take();
        return Buffer.from(little.subarray(0, count));
      }
      const { bytes, isLent } = memory.lend(large, count);
      if (!isLent && count < LITTLE) {
        memory.keep(large);
        large = undefined;
      } else if (isLent) large = memory.take();
      return bytes;
    };
    connectorWith(onread)(target, (...result) => {
      socket = result[1] ?? undefined;
      socket?.once('close', () => {
        if (large !== undefined) memory.keep(large);
      });
      callback(...result);
    });
  };
}
