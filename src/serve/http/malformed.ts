import { STATUS_CODES } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { systemCode } from '../../internal/error.ts';

/** What the parser gives up with, and the status that says so (Node, "Event: 'clientError'"). */
const STATUS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};
/** One that does not read the answer holds nothing any longer than this (milliseconds). */
const LINGER = 1000;

/** Refuses what is no request, and closes the connection: what comes behind it cannot be trusted to be the next one. */
export function refuseMalformed(error: Error, socket: Duplex): void {
  // Where something was answered already, another answer could be taken for that of another request.
  const isFirst = !(socket instanceof Socket) || socket.bytesWritten === 0;
  const status = STATUS[systemCode(error) ?? ''] ?? 400;
  const words = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
  if (socket.writable) socket.end(isFirst ? words : '');
  setTimeout(() => socket.destroy(), LINGER).unref();
}
