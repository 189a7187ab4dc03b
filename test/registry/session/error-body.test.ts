import { describe, expect, it } from 'vitest';
import { streamOf } from '../../../src/internal/bytes.ts';
import type { HttpResponse } from '../../../src/internal/http/http.ts';
import { decodeErrorBody } from '../../../src/registry/session/error-body.ts';

describe('decodeErrorBody', () => {
  it('reads the errors of the distribution specification', async () => {
    const errors = [
      { code: 'DENIED', message: 'requested access is denied', detail: { huge: true } },
      { code: 'UNKNOWN', detail: 'no space left' },
    ];
    expect(await decodeErrorBody(answer(JSON.stringify({ errors })))).toEqual({
      codes: ['DENIED', 'UNKNOWN'],
      words: 'DENIED: requested access is denied; UNKNOWN: no space left',
    });
  });

  it.each([
    ['{"details":"incorrect username or password"}', 'incorrect username or password'],
    ['{"message":"no such repository"}', 'no such repository'],
    ['{"error":"invalid_grant","error_description":"token is too old"}', 'token is too old'],
    ['toomanyrequests: slow down\n', 'toomanyrequests: slow down'],
    ['"just a string"', '"just a string"'],
  ])('finds the words in %s', async (body, words) => {
    expect(await decodeErrorBody(answer(body))).toEqual({ codes: [], words });
  });

  it.each(['', '   ', '{}', '{"errors":[]}', '{"errors":"no"}', '{"errors":[null,1]}'])(
    'finds no words in %j',
    async (body) => {
      expect((await decodeErrorBody(answer(body))).words).toBeUndefined();
    },
  );

  it('shows nothing of a web page, whatever its type says', async () => {
    const page = '<!DOCTYPE html><p>Please sign in</p>';
    expect(await decodeErrorBody(answer(page, 'text/html'))).toEqual({ codes: [], words: undefined });
    expect(await decodeErrorBody(answer(page, 'text/plain'))).toEqual({ codes: [], words: undefined });
  });

  it('takes out what could steer a terminal', async () => {
    const { words } = await decodeErrorBody(answer('a\u001b[2Jb\u202ec\r\nd\u0000'));
    expect(words).toBe('a [2Jb c d');
  });

  it('cuts long words short', async () => {
    const { words } = await decodeErrorBody(answer('x'.repeat(10_000)));
    expect(words).toHaveLength(301);
  });

  it('reads no more than the ceiling', async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        given += 16 * 1024;
        yield Buffer.alloc(16 * 1024, 'x');
      }
    }
    await decodeErrorBody({ ...answer(''), body: endless() });
    expect(given).toBe(64 * 1024);
  });

  it('uses what came of a body that broke off', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('so far');
      throw new Error('reset');
    }
    expect(await decodeErrorBody({ ...answer(''), body: broken() })).toEqual({ codes: [], words: 'so far' });
  });
});

function answer(body: string, type = 'application/json'): HttpResponse {
  return {
    status: 500,
    headers: { 'content-type': type },
    url: 'https://registry.example/v2/',
    body: streamOf(Buffer.from(body)),
    [Symbol.asyncDispose]: async () => undefined,
  };
}
