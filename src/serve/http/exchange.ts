import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request that passed the checks, with its parsed path and the response to write to. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: 'GET' | 'HEAD';
  /** Path segments, each decoded; none is empty, `.` or `..`, and none contains a slash. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  /** `http://HOST` by which the client reaches this server. */
  readonly origin: string;
  /** How long (milliseconds) the client may accept no data. */
  readonly stallLimit: number;
}

/** Handles an exchange. */
export interface Route {
  /** Route name for logs and metrics, from a small fixed set. */
  readonly name: string;
  handle(exchange: Exchange): Promise<void>;
}

/** Returns the route for a path, or `undefined` when the path does not belong to this site. */
export type Site = (parts: readonly string[]) => Route | undefined;
