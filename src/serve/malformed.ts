import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { systemCode } from '../internal/error.ts';

/** What the parser gives up with, and the status that says so (Node, "Event: 'clientError'"). */
const STATUS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** milliseconds */
const LINGER = 1000;

/** Refuses what is no request, and closes the connection: what comes behind it cannot be trusted to be the next one. */
export function refuseMalformed(error: Error, socket: Duplex): void {
  if (socket.writable && systemCode(error) !== 'ECONNRESET') {
    const status = STATUS[systemCode(error) ?? ''] ?? 400;
    socket.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
    );
  }
  // One that does not read the answer holds nothing any longer.
  setTimeout(() => socket.destroy(), LINGER).unref();
}
