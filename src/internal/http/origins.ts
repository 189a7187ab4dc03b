import { openRoute, type Route, type RouteOptions } from './route/open.ts';
import { Host } from './host.ts';

/** One origin: the way to it, and what is known of it. */
export interface Origin {
  readonly route: Route;
  readonly host: Host;
}

/** The origins a client has spoken to. */
export class Origins implements AsyncDisposable {
  readonly #options: RouteOptions;
  readonly #known = new Map<string, Origin>();

  constructor(options: RouteOptions) {
    this.#options = options;
  }

  /** Returns the origin of `url`; opened when it is asked for the first time. */
  of(url: URL): Origin {
    const known = this.#known.get(url.origin);
    if (known !== undefined) return known;
    const origin = { route: openRoute(url, this.#options), host: new Host(this.#options.concurrency) };
    this.#known.set(url.origin, origin);
    return origin;
  }

  /** Closes every connection; what is under way ends with an error. */
  async [Symbol.asyncDispose](): Promise<void> {
    const routes = [...this.#known.values()].map(({ route }) => route.dispatcher.destroy());
    this.#known.clear();
    await Promise.all(routes);
  }
}
