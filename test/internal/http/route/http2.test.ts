import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import { expect, it } from 'vitest';
import { collectBytes } from '../../../../src/internal/bytes.ts';
import { createHttpClient } from '../../../../src/internal/http/client.ts';
import { createAuthority } from '../../../support/http/authority.ts';

it('speaks HTTP/1.1 to a host that offers HTTP/2 as well', async () => {
  await using authority = await createAuthority();
  const pair = await authority.issue(['IP:127.0.0.1']);
  const server = createSecureServer({ ...pair, allowHTTP1: true }, (request, response) => {
    response.end(`HTTP/${request.httpVersion}`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  const client = createHttpClient({ tls: () => ({ ca: authority.cert }) });
  try {
    await using response = await client.request(`https://127.0.0.1:${address.port}/`);
    const onExcess = (): Error => new Error('too much');
    const text = Buffer.from(await collectBytes(response.body, { limit: 100, onExcess })).toString();
    expect(text).toBe('HTTP/1.1');
  } finally {
    await client[Symbol.asyncDispose]();
    server.close();
    await once(server, 'close');
  }
});
