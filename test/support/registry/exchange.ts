import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ByteStream } from '../../../src/internal/bytes.ts';
import type { FaultAction } from './fault.ts';
import type { RequestEntry } from './request-log.ts';

/** One request, its answer, and the fault that goes with it. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly entry: RequestEntry;
  readonly fault: FaultAction | undefined;
}

type Headers = Readonly<Record<string, string | number | undefined>>;

/** Answers with a body that the fault may spoil. A HEAD request gets the headers alone. */
export async function reply(
  exchange: Exchange,
  status: number,
  headers: Headers = {},
  body: Uint8Array | ByteStream = new Uint8Array(),
): Promise<void> {
  const { request, response, entry, fault } = exchange;
  entry.status = status;
  if (fault?.type === 'drop-answer') {
    response.destroy();
    return;
  }
  // An answer before the body has come in would leave the rest of it on the connection.
  if (!request.complete) request.resume();
  response.writeHead(status, presentOf(spoilHeaders(headers, fault)));
  if (request.method === 'HEAD') return void response.end();
  for await (const chunk of spoilBody(exchange, body instanceof Uint8Array ? [body] : body)) {
    if (response.destroyed) return;
    entry.bytesSent += chunk.length;
    if (!response.write(chunk)) await drained(response);
  }
  if (!response.destroyed) response.end();
}

/** Answers in the form of the distribution specification, "Error Codes". */
export async function replyError(
  exchange: Exchange,
  status: number,
  error: { readonly code: string; readonly message?: string; readonly detail?: unknown },
  headers: Headers = {},
): Promise<void> {
  const body = Buffer.from(JSON.stringify({ errors: [{ message: error.code.toLowerCase(), ...error }] }));
  await reply(exchange, status, { 'content-type': 'application/json', ...headers }, body);
}

/** Plays the faults that need no registry behind them; returns whether one did. */
export async function playFault(exchange: Exchange): Promise<boolean> {
  const { fault, url } = exchange;
  if (fault?.type === 'status') {
    const text = typeof fault.body === 'string' ? fault.body : JSON.stringify(fault.body ?? {});
    const type = typeof fault.body === 'string' ? 'text/plain' : 'application/json';
    await reply(exchange, fault.status, { 'content-type': type, ...fault.headers }, Buffer.from(text));
    return true;
  }
  if (fault?.type === 'silence') {
    await new Promise((resolve) => exchange.response.once('close', resolve));
    return true;
  }
  if (fault?.type === 'html') {
    const page = '<!DOCTYPE html><html><title>Sign in</title><form>…</form></html>';
    await reply(exchange, 200, { 'content-type': 'text/html; charset=utf-8' }, Buffer.from(page));
    return true;
  }
  if (fault?.type === 'redirect') {
    await reply(exchange, 307, { location: `${fault.to}${url.pathname}${url.search}` });
    return true;
  }
  return false;
}

/** Yields the request body, counted; a `drop-upload` fault breaks the connection in the middle of it. */
export async function* receivedBody(exchange: Exchange): ByteStream {
  const { request, entry, fault } = exchange;
  const limit = fault?.type === 'drop-upload' ? fault.afterBytes : Infinity;
  for await (const chunk of request) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('Cannot read request: expected bytes');
    const kept = chunk.subarray(0, limit - entry.bytesReceived);
    entry.bytesReceived += kept.length;
    yield kept;
    if (entry.bytesReceived >= limit) {
      request.destroy();
      return;
    }
  }
}

function spoilHeaders(headers: Headers, fault: FaultAction | undefined): Headers {
  if (fault?.type === 'digest') return { ...headers, 'docker-content-digest': fault.digest };
  return headers;
}

async function* spoilBody(exchange: Exchange, body: Iterable<Uint8Array> | ByteStream): ByteStream {
  const { fault, response } = exchange;
  const limit = fault?.type === 'drop' || fault?.type === 'stall' ? fault.afterBytes : Infinity;
  let at = 0;
  for await (const whole of body) {
    const chunk = Buffer.from(whole.subarray(0, limit - at));
    if (fault?.type === 'corrupt' && fault.atByte >= at && fault.atByte < at + chunk.length)
      chunk.writeUInt8(chunk.readUInt8(fault.atByte - at) ^ 1, fault.atByte - at);
    at += chunk.length;
    yield chunk;
    if (at >= limit) break;
  }
  if (at < limit) return;
  if (fault?.type === 'stall') await new Promise((resolve) => response.once('close', resolve));
  // Bytes still in the buffer would be lost with the connection, and the test would see fewer than it asked for.
  else await new Promise((resolve) => response.write('', resolve));
  response.destroy();
}

async function drained(response: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  response.once('drain', resolve);
  response.once('close', resolve);
  await promise;
  response.off('drain', resolve);
  response.off('close', resolve);
}

function presentOf(headers: Headers): Record<string, string | number> {
  const present: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) present[name] = value;
  return present;
}
