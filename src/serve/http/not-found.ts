import type { Exchange } from './exchange.ts';
import { sendBytes } from './reply.ts';

/** Tells a person or a download program that there is nothing here. */
export function sendNotFound(exchange: Exchange): void {
  const type = 'text/plain; charset=utf-8';
  sendBytes(exchange, 404, {
    type,
    bytes: `Cannot find /${exchange.parts.join('/')}: it is not served here\n`,
  });
}

/** Sends a short text. */
export function sendText(exchange: Exchange, text: string): void {
  sendBytes(exchange, 200, { type: 'text/plain; charset=utf-8', bytes: text });
}
