import { STATUS_CODES } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { systemCode } from '../../internal/error.ts';

/** Maps the parser's error codes to HTTP statuses (Node, "Event: 'clientError'"). */
const STATUS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};
/** A client that does not read the answer loses its connection after this long (milliseconds). */
const LINGER = 1000;

/** Refuses a malformed request and closes the connection: the bytes that follow cannot be trusted to start a new request. */
export function refuseMalformed(error: Error, socket: Duplex): void {
  // If an answer was already sent, the client could match this one to a different request.
  const isFirst = !(socket instanceof Socket) || socket.bytesWritten === 0;
  const status = STATUS[systemCode(error) ?? ''] ?? 400;
  const words = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
  if (socket.writable) socket.end(isFirst ? words : '');
  setTimeout(() => socket.destroy(), LINGER).unref();
}
