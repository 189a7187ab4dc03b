import { describe, expect, it } from 'vitest';
import { formatGet, parsePlainHead } from '../../../../src/internal/http/bulk/head.ts';

const OK = 'HTTP/1.1 200 OK';
const LENGTH = 'Content-Length: 5';

describe('the head of an answer', () => {
  it('is read when it says how long its body is', () => {
    const lines = [OK, LENGTH, 'ETag:"a"', 'X-One:\t two ', 'Set-Cookie: a=1', 'Set-Cookie: b=2', 'X-Empty:'];
    expect(parsePlainHead(lines.join('\r\n'))).toEqual({
      status: 200,
      headers: {
        'content-length': '5',
        etag: '"a"',
        'x-one': 'two',
        'set-cookie': ['a=1', 'b=2'],
        'x-empty': '',
      },
      length: 5,
      isKept: true,
    });
  });

  it.each([
    ['without a reason', ['HTTP/1.1 404', LENGTH], { status: 404, isKept: true }],
    ['of a connection that ends', [OK, LENGTH, 'Connection: Close'], { status: 200, isKept: false }],
    ['of one among others', [OK, LENGTH, 'Connection: x', 'Connection: close'], { isKept: false }],
    ['with a name that objects have', [OK, LENGTH, '__proto__: 1'], { length: 5 }],
  ])('is read %s', (_, lines, expected) => {
    expect(parsePlainHead(lines.join('\r\n'))).toMatchObject(expected);
  });

  it.each([
    ['without a length', [OK]],
    ['with two lengths', [OK, LENGTH, 'content-length: 6']],
    ['with one length twice', [OK, LENGTH, LENGTH]],
    ['with a list of lengths', [OK, 'Content-Length: 5, 5']],
    ['with a sign before its length', [OK, 'Content-Length: +5']],
    ['with a length in hexadecimal', [OK, 'Content-Length: 0x5']],
    ['with a length beyond all numbers', [OK, 'Content-Length: 99999999999999999999']],
    ['in chunks', [OK, 'Transfer-Encoding: chunked']],
    ['in chunks with a length', [OK, LENGTH, 'Transfer-Encoding: chunked']],
    ['of HTTP/1.0', ['HTTP/1.0 200 OK', LENGTH]],
    ['of HTTP/2', ['HTTP/2 200', LENGTH]],
    ['that is not the last', ['HTTP/1.1 100 Continue', LENGTH]],
    ['without a body', ['HTTP/1.1 204 No Content', LENGTH]],
    ['not modified', ['HTTP/1.1 304 Not Modified', LENGTH]],
    ['with a status of two digits', ['HTTP/1.1 20 OK', LENGTH]],
    ['with a status beyond all', ['HTTP/1.1 700 OK', LENGTH]],
    ['of another protocol', ['SSH-2.0-OpenSSH', LENGTH]],
    ['with a folded line', [OK, LENGTH, 'X: a', ' b']],
    ['with a blank before the colon', [OK, 'Content-Length : 5']],
    ['with a line feed in a value', [OK, LENGTH, 'X: a\nContent-Length: 7']],
    ['with a carriage return in a value', [OK, LENGTH, 'X: a\rb']],
    ['with a zero in a value', [OK, LENGTH, 'X: a\0b']],
    ['with a line without a colon', [OK, LENGTH, 'X']],
    ['with another protocol to follow', [OK, LENGTH, 'Upgrade: h2c']],
    ['with nothing in it', ['']],
  ])('is left to a complete parser %s', (_, lines) => {
    expect(parsePlainHead(lines.join('\r\n'))).toBeUndefined();
  });
});

describe('a GET', () => {
  const origin = new URL('http://registry.example:5000');

  it('is written with its host', () => {
    expect(
      formatGet({ origin, path: '/v2/a?b=c', headers: { accept: ['a/b', 'c/d'], range: 'bytes=5-' } }),
    ).toBe(
      'GET /v2/a?b=c HTTP/1.1\r\nhost: registry.example:5000\r\nconnection: keep-alive\r\naccept: a/b\r\naccept: c/d\r\nrange: bytes=5-\r\n\r\n',
    );
  });

  it.each([
    ['a line in a value', '/', { authorization: 'Bearer a\r\nx: y' }],
    ['a zero in a value', '/', { authorization: 'Bearer a\0' }],
    ['a letter beyond Latin', '/', { authorization: 'Bearer \u0416' }],
    ['a blank in a name', '/', { 'x y': 'z' }],
    ['no name', '/', { '': 'z' }],
    ['another host', '/', { Host: 'other.example' }],
    ['a blank in the path', '/a b', {}],
    ['a line in the path', '/a\r\nx:', {}],
    ['no path', '', {}],
  ])('is not written with %s', (_, path, headers) => {
    expect(formatGet({ origin, path, headers })).toBeUndefined();
  });
});
