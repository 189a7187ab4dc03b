import type { KeyPair } from './authority.ts';
import { startHttpServer } from './http-server.ts';

/** What a greedy host asks for. */
export type Greed = 'Basic' | 'Bearer' | 'Bearer, its realm elsewhere';

/** A host that wants the credentials of whoever is led to it. */
export interface GreedyHost extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly host: string;
  /** Requests that came in, tokens asked for included. */
  readonly count: () => number;
  /** Everything that anybody told it: request lines, headers and bodies. */
  readonly heard: () => string;
}

/** Starts a host on 127.0.0.1 that answers 401 to everything, and gives out tokens to see what it is shown for them. */
export async function startGreedyHost(
  greed: Greed,
  options: { readonly tls?: KeyPair | undefined } = {},
): Promise<GreedyHost> {
  const heard: string[] = [];
  const listen = async (challenge: () => string): ReturnType<typeof startHttpServer> =>
    await startHttpServer(async (request, response) => {
      heard.push(`${request.method} ${request.path}`, JSON.stringify(request.headers));
      heard.push((await request.body()).subarray(0, 4096).toString());
      if (request.path.startsWith('/token')) {
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"token":"of-the-greedy"}');
        return;
      }
      response.writeHead(401, { 'www-authenticate': challenge() }).end();
    }, options);
  const elsewhere = await listen(() => 'Basic realm="elsewhere"');
  const realm = (): string => (greed === 'Bearer' ? server.url : elsewhere.url);
  const server = await listen(() =>
    greed === 'Basic'
      ? 'Basic realm="me"'
      : `Bearer realm="${realm()}/token",service="me",scope="repository:team/app:pull"`,
  );
  return {
    url: server.url,
    host: new URL(server.url).host,
    count: () => server.requests.length + elsewhere.requests.length,
    heard: () => heard.join('\n'),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await elsewhere[Symbol.asyncDispose]();
    },
  };
}
