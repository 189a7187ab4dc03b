import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';
import type { Landing } from '../../lease.ts';
import type { IncomingAnswer } from '../incoming.ts';
import { BulkConnection } from './connection.ts';
import { formatGet } from './head.ts';

/** A GET without a body. */
export interface Get {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly headersTimeout: number;
  readonly bodyTimeout: number;
  readonly answer: IncomingAnswer;
  /** Where its content is to be received. */
  readonly landing: Landing;
}

/** Returns a connector whose connections hand what they receive to `onread` (`net.connect`). */
export type ConnectorWith = (onread: BulkConnection['onread']) => buildConnector.connector;

/**
 * The connections to an origin that fetch large content. Each byte is received where its reader wants it, for which the parser
 * of undici has no way: it wants all bytes in memory of its own, and hands on what it was given.
 */
export class BulkConnections {
  readonly #origin: URL;
  readonly #connectorWith: ConnectorWith;
  readonly #free: BulkConnection[] = [];
  readonly #all = new Set<BulkConnection>();
  /** Whether the origin sends content in a form that takes a complete parser. */
  #isUnusual = false;

  constructor(origin: URL, connectorWith: ConnectorWith) {
    this.#origin = origin;
    this.#connectorWith = connectorWith;
  }

  /**
   * Sends a GET. Returns whether it did; `askElse` is called when the answer turns out to
   * take a complete parser, to ask for it again.
   */
  dispatch({ path, headers, ...get }: Get, askElse: () => void): boolean {
    const text = this.#isUnusual ? undefined : formatGet({ origin: this.#origin, path, headers });
    if (text === undefined) return false;
    const onUnusual = (status: number | undefined): void => {
      // A refusal may be of another make than what is served.
      this.#isUnusual ||= status !== undefined && status < 400;
      askElse();
    };
    const request = { ...get, text, onUnusual };
    const connection = this.#takeFree();
    const onStale = (): void => this.#connect({ ...request, onStale });
    if (connection === undefined) onStale();
    else connection.send({ ...request, onStale });
    return true;
  }

  /** Closes every connection; requests in flight fail. */
  [Symbol.dispose](): void {
    for (const connection of this.#all) connection.close(new Error('the client was closed'));
  }

  #takeFree(): BulkConnection | undefined {
    for (;;) {
      const connection = this.#free.pop();
      if (connection?.isOpen !== false) return connection;
    }
  }

  #connect(request: Parameters<BulkConnection['send']>[0]): void {
    const connection = new BulkConnection((each) => this.#free.push(each));
    const { hostname, host, protocol, port } = this.#origin;
    const target = { hostname: hostname.replace(/^\[(.*)\]$/, '$1'), host, protocol, port };
    this.#connectorWith(connection.onread)(target, (error, socket?: Socket | null) => {
      if (socket === null || socket === undefined)
        return request.answer.onResponseError(undefined, error ?? new Error('no connection'));
      this.#all.add(connection);
      socket.once('close', () => this.#all.delete(connection));
      connection.open(socket);
      connection.send(request);
    });
  }
}
