import type { IncomingMessage, ServerResponse } from 'node:http';
import { isSaddlebagError, messageOf } from '../../internal/error.ts';
import type { Exchange, Route } from './exchange.ts';
import type { Guard } from '../access/guard.ts';
import { ClientGoneError } from './hand-over.ts';
import { sendProblem } from './reply.ts';
import { originOf, parseRequestPath } from './request-path.ts';
import { HEALTH } from '../router.ts';

export interface AnswerOptions {
  readonly route: (parts: readonly string[]) => Route;
  readonly scheme: 'http' | 'https';
  /** A client that accepts no data for this long (milliseconds) is disconnected. */
  readonly stallLimit: number;
  /** When left out, everybody may come in. */
  readonly guard?: Guard | undefined;
  /** Called when an answer fails because of our bug or damaged content. */
  readonly onFailure: (message: string) => void;
}

const REALM = 'Basic realm="saddlebag", charset="UTF-8"';
/** The server does not wait for the body of a request that needs none. */
const CLOSE = { connection: 'close' };

/** Answers one request, whatever happens, and returns its route name for the log. */
export async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: AnswerOptions,
): Promise<string> {
  const path = parseRequestPath(request.url ?? '');
  if ('status' in path) {
    const code = path.status === 414 ? 'NAME_INVALID' : 'UNSUPPORTED';
    sendProblem(response, path.status, { code, message: path.fact, headers: CLOSE });
    return 'none';
  }
  if (hostsNamed(request) > 1) {
    const message = 'the request names its host more than once';
    sendProblem(response, 400, { code: 'UNSUPPORTED', message, headers: CLOSE });
    return 'none';
  }
  const { method } = request;
  if (!isReading(method)) {
    const message = 'what is served here is read, not written';
    const headers = { allow: 'GET, HEAD', ...CLOSE };
    sendProblem(response, 405, { code: 'UNSUPPORTED', message, headers });
    return 'none';
  }
  const exchange: Exchange = {
    request,
    response,
    method,
    ...path,
    origin: originOf(request, options.scheme),
    stallLimit: options.stallLimit,
  };
  const isHealth = path.parts.length === 1 && path.parts[0] === 'healthz';
  if (isHealth) return await handle(HEALTH, exchange, options);
  if (options.guard !== undefined && !(await admit(exchange, options.guard))) return 'denied';
  response.setHeader('docker-distribution-api-version', 'registry/2.0');
  return await handle(options.route(path.parts), exchange, options);
}

/** Node keeps the first header and drops the rest; RFC 9112 (3.2) wants the request refused. */
function hostsNamed({ rawHeaders }: IncomingMessage): number {
  return rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length;
}

function isReading(method: string | undefined): method is 'GET' | 'HEAD' {
  return method === 'GET' || method === 'HEAD';
}

async function admit({ request, response }: Exchange, guard: Guard): Promise<boolean> {
  const admission = await guard(request.headers.authorization);
  if (admission === 'granted') return true;
  if (admission === 'busy') {
    const message = 'too many passwords are being checked';
    sendProblem(response, 429, { code: 'TOOMANYREQUESTS', message, headers: { 'retry-after': '5' } });
    return false;
  }
  const headers = { 'www-authenticate': REALM, 'docker-distribution-api-version': 'registry/2.0' };
  sendProblem(response, 401, { code: 'UNAUTHORIZED', message: 'name and password, please', headers });
  return false;
}

async function handle(route: Route, exchange: Exchange, options: AnswerOptions): Promise<string> {
  try {
    await route.handle(exchange);
  } catch (error) {
    refuse(exchange, error, options);
  }
  return route.name;
}

/** An answer that has begun cannot be replaced: it is cut, so that no client takes it for complete. */
function refuse({ request, response }: Exchange, error: unknown, options: AnswerOptions): void {
  if (error instanceof ClientGoneError) return void response.destroy();
  const status = statusOf(error);
  if (status !== 404) options.onFailure(`${messageOf(error)} (${request.method} ${request.url})`);
  if (response.headersSent) return void response.destroy();
  const codes = { 404: 'MANIFEST_UNKNOWN', 503: 'UNAVAILABLE', 500: 'UNKNOWN' } as const;
  // Do not reveal file paths or the internals of a bug.
  const message = {
    404: 'there is no such content',
    503: 'the bundle has changed',
    500: 'it cannot be read',
  }[status];
  sendProblem(response, status, { code: codes[status], message });
}

function statusOf(error: unknown): 404 | 500 | 503 {
  if (isSaddlebagError(error, 'ERR_CONTENT_NOT_FOUND') || isSaddlebagError(error, 'ERR_BASE_MISSING'))
    return 404;
  return isSaddlebagError(error, 'ERR_BUNDLE_DAMAGED') ? 503 : 500;
}
