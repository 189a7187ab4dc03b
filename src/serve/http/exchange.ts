import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request that may be answered, its path taken apart, with what its answer goes to. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: 'GET' | 'HEAD';
  /** Parts of the path, decoded one by one; none is empty, `.`, `..` or has a slash in it. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  /** `http://HOST` as the client knows this server. */
  readonly origin: string;
  /** How long (milliseconds) the client may leave what it is sent. */
  readonly stallLimit: number;
}

/** What answers an exchange. */
export interface Route {
  /** For logs and metrics; one of few. */
  readonly name: string;
  handle(exchange: Exchange): Promise<void>;
}

/** Returns the route of a path, or `undefined` when it is not one of this site's. */
export type Site = (parts: readonly string[]) => Route | undefined;
