import { once } from 'node:events';
import { createServer, request as forward } from 'node:http';
import { connect } from 'node:net';

export interface TestProxy extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** `GET http://host/path` for what it forwarded, `CONNECT host:port` for what it tunnelled. */
  readonly seen: readonly string[];
}

/** Starts an HTTP proxy. Whatever host it is asked for, it goes to that port of 127.0.0.1: the names exist nowhere else. */
export async function startProxy(
  options: {
    readonly credentials?: string;
    /** Returns the port of 127.0.0.1 where a host is; by default, the port that it is asked for. */
    readonly portOf?: (host: string) => number | undefined;
  } = {},
): Promise<TestProxy> {
  const { portOf = () => undefined } = options;
  const seen: string[] = [];
  const expected =
    options.credentials === undefined
      ? undefined
      : `Basic ${Buffer.from(options.credentials).toString('base64')}`;
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    if (request.headers['proxy-authorization'] !== expected) return void response.writeHead(407).end();
    const url = new URL(request.url ?? '');
    const headers = { ...request.headers };
    delete headers['proxy-authorization'];
    const onward = forward(
      {
        host: '127.0.0.1',
        port: portOf(url.hostname) ?? url.port,
        method: request.method,
        path: `${url.pathname}${url.search}`,
        headers,
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => void response.destroy());
    return void request.pipe(onward);
  });
  server.on('connect', (request, socket) => {
    seen.push(`CONNECT ${request.url}`);
    if (request.headers['proxy-authorization'] !== expected)
      return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
    const [host = '', port] = (request.url ?? '').split(':');
    const onward = connect(portOf(host) ?? Number(port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => void socket.destroy());
    return void socket.on('error', () => void onward.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy listens on no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    seen,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
