import { openRoute, type Route, type RouteOptions } from './route/open.ts';
import { Host, REQUESTS_AT_ONCE } from './host.ts';

/** One origin: its connections and its state. */
export interface Origin {
  readonly route: Route;
  readonly host: Host;
}

interface OriginsOptions extends Omit<RouteOptions, 'connections'> {
  /** Requests in flight to one origin; the usual number when left out. */
  readonly concurrency?: number | undefined;
}

/** The origins that a client has used. */
export class Origins implements AsyncDisposable {
  readonly #options: RouteOptions;
  readonly #concurrency: number | undefined;
  readonly #known = new Map<string, Origin>();

  constructor(options: OriginsOptions) {
    const { env, tls, connectTimeout, concurrency } = options;
    this.#options = { env, tls, connectTimeout, connections: concurrency ?? REQUESTS_AT_ONCE };
    this.#concurrency = concurrency;
  }

  /** Returns the origin of `url`, opening it on first use. */
  of(url: URL): Origin {
    const known = this.#known.get(url.origin);
    if (known !== undefined) return known;
    const origin = { route: openRoute(url, this.#options), host: new Host(this.#concurrency) };
    this.#known.set(url.origin, origin);
    return origin;
  }

  /** Closes every connection; requests in flight fail. */
  async [Symbol.asyncDispose](): Promise<void> {
    const routes = [...this.#known.values()].map(({ route }) => {
      route.bulk?.[Symbol.dispose]();
      return route.dispatcher.destroy();
    });
    this.#known.clear();
    await Promise.all(routes);
  }
}
