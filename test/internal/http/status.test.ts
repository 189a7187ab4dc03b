import { describe, expect, it } from 'vitest';
import { createHttpClient } from '../../../src/internal/http/client.ts';
import type { HttpResponse } from '../../../src/internal/http/http.ts';
import { statusError } from '../../../src/internal/http/status.ts';
import { type Script, sendBeginning, startHttpServer } from '../../support/http/http-server.ts';

describe('the error for a refusal', () => {
  it('passes a good answer on, its body unread', async () => {
    await using server = await startHttpServer((_, response) => void response.writeHead(206).end('fine'));
    await using client = createHttpClient();
    await using response = await ensureOk(await client.request(server.url));
    const chunks: Uint8Array[] = [];
    for await (const chunk of response.body) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('fine');
  });

  it.each<[string, Script, string]>([
    ['text', answer('text/plain', 'no such\nrelease\u001b[31m '), '404, "no such release [31m"'],
    [
      'JSON',
      answer('application/json; charset=utf-8', '{"message": "Not Found"}'),
      '404, "{"message": "Not Found"}"',
    ],
    ['a problem document', answer('application/problem+json', '{"title":"x"}'), '404, "{"title":"x"}"'],
    ['a page', answer('text/html', '<html><body>Please log in'), '404, with an HTML page'],
    ['bytes', answer('application/octet-stream', 'secret bytes'), '404'],
    ['a long text', answer('text/plain', 'x'.repeat(100_000)), `404, "${'x'.repeat(200)}…"`],
    ['our query', answer('text/plain', 'Cannot GET /a?token=secret here'), '404, "Cannot GET /a?… here"'],
    ['nothing', answer('text/plain', ''), '404'],
  ])('throws the words of a server that answers with %s', async (_, script, words) => {
    await using server = await startHttpServer(script);
    await using client = createHttpClient({ concurrencyPerHost: 1, retries: 0 });
    const url = `${server.url}/a?token=secret`;
    await expect(client.request(url).then((response) => ensureOk(response))).rejects.toMatchObject({
      code: 'ERR_UPSTREAM_NOT_FOUND',
      status: 404,
      message: `Cannot fetch "${server.url}/a": the server answered ${words}`,
    });
    // The refused answer has left the gate.
    await using again = await client.request(url, { method: 'HEAD' });
    expect(again.status).toBe(404);
  });

  it('says as much as has arrived when the words break off', async () => {
    await using server = await startHttpServer(async (_, response) => {
      await sendBeginning(response, Buffer.from('no such'), {
        status: 404,
        headers: { 'content-type': 'text/plain', 'content-length': 100 },
      });
      response.socket?.end();
    });
    await using client = createHttpClient({ retries: 0 });
    await expect(client.request(server.url).then((response) => ensureOk(response))).rejects.toMatchObject({
      message: expect.stringContaining('404, "no such"'),
    });
  });

  it.each([
    [401, 'PUT', 'Check the credentials for this host.'],
    [403, 'POST', 'Check the credentials for this host.'],
    [400, 'PATCH', undefined],
  ] as const)('gives a hint for status %i', async (status, method, hint) => {
    await using server = await startHttpServer((_, response) => void response.writeHead(status).end());
    await using client = createHttpClient();
    const response = await client.request(server.url, { method });
    await expect(ensureOk(response, method)).rejects.toMatchObject({
      code: 'ERR_HTTP_STATUS',
      message: `Cannot send to "${server.url}/": the server answered ${status}`,
      hint,
    });
  });
});

function answer(type: string, body: string): Script {
  return (_, response) => void response.writeHead(404, { 'content-type': type }).end(body);
}

/** Returns a response that is a success, and throws the error for any other. */
async function ensureOk(response: HttpResponse, method = 'GET'): Promise<HttpResponse> {
  if (response.status >= 200 && response.status < 300) return response;
  await using refused = response;
  throw await statusError(refused, { method, url: refused.url });
}
