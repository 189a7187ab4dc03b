import { errors } from 'undici';
import { describe, expect, it } from 'vitest';
import { networkError } from '../../../src/internal/http/network-error.ts';

const attempt = { method: 'GET', url: 'https://user:secret@host.example:8443/path?token=secret' };

describe('networkError', () => {
  it.each<[string, string, boolean]>([
    ['ENOTFOUND', 'the host name "host.example" is not known', false],
    ['EAI_AGAIN', 'the host name "host.example" cannot be looked up at the moment', true],
    ['ECONNREFUSED', 'the connection to "host.example:8443" was refused', false],
    ['EHOSTUNREACH', 'the host "host.example" cannot be reached', false],
    ['ENETUNREACH', 'the host "host.example" cannot be reached', false],
    ['ETIMEDOUT', 'the host "host.example" did not take the connection in time', false],
    ['ECONNRESET', 'the connection broke off', true],
    ['EPIPE', 'the connection broke off', true],
    [
      'SELF_SIGNED_CERT_IN_CHAIN',
      'the certificate of "host.example:8443" is not signed by an authority',
      false,
    ],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'the certificate of "host.example:8443" is not signed', false],
    ['CERT_HAS_EXPIRED', 'the certificate of "host.example:8443" has expired', false],
    ['CERT_NOT_YET_VALID', 'the certificate of "host.example:8443" is not valid yet', false],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'the certificate of the server is not for "host.example"', false],
    ['ERR_SSL_WRONG_VERSION_NUMBER', '"host.example:8443" does not speak TLS', false],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', '"host.example:8443" refused the TLS handshake', false],
    ['ESTRANGE', 'the connection failed (ESTRANGE)', true],
  ])('explains %s', (code, fact, transient) => {
    const error = networkError(Object.assign(new Error('raw'), { code }), attempt);
    expect(error.message.startsWith(`Cannot fetch "https://host.example:8443/path": ${fact}`)).toBe(true);
    expect(error.message).not.toContain('secret');
    expect(error.hint ?? '').not.toContain('secret');
    expect(error.transient).toBe(transient);
    expect(error.cause).toBeInstanceOf(Error);
  });

  it.each(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'])(
    'tells the time of this machine with %s, to be compared with that of another clock',
    (code) => {
      const { hint } = networkError(Object.assign(new Error('raw'), { code }), attempt);
      const told = /says (\d{4}-\d\d-\d\d \d\d:\d\d) UTC: set it if that is wrong/.exec(hint ?? '')?.[1];
      expect(Math.abs(Date.parse(`${told}Z`) - Date.now())).toBeLessThan(3_600_000);
    },
  );

  it('expects a host that has answered before to come back', () => {
    const refused = Object.assign(new Error('raw'), { code: 'ECONNREFUSED' });
    expect(networkError(refused, { ...attempt, answered: true }).transient).toBe(true);
    const expired = Object.assign(new Error('raw'), { code: 'CERT_HAS_EXPIRED' });
    expect(networkError(expired, { ...attempt, answered: true }).transient).toBe(false);
  });

  it('blames the proxy for a connection that cannot be made, the server for its certificate', () => {
    const viaProxy = { ...attempt, proxy: 'http://proxy.example:3128/' };
    const refused = Object.assign(new Error('raw'), { code: 'ECONNREFUSED' });
    expect(networkError(refused, viaProxy)).toMatchObject({
      message: expect.stringContaining(
        'the connection to "proxy.example:3128" was refused (through the proxy "http://proxy.example:3128/")',
      ),
      hint: 'Check HTTP_PROXY, HTTPS_PROXY and NO_PROXY.',
    });
    const expired = Object.assign(new Error('raw'), { code: 'CERT_HAS_EXPIRED' });
    expect(networkError(expired, viaProxy).message).toContain('the certificate of "host.example:8443"');
  });

  it('says what a proxy answered instead of a tunnel', () => {
    const refusal = new errors.RequestAbortedError('Proxy response (502) !== 200 when HTTP Tunneling');
    expect(networkError(refusal, { ...attempt, proxy: 'http://proxy.example/' }).message).toContain(
      'the proxy answered 502',
    );
  });

  it('looks into an error that stands for several addresses', () => {
    const both = new AggregateError([
      Object.assign(new Error('raw'), { code: 'ECONNREFUSED' }),
      new Error('other'),
    ]);
    expect(networkError(both, attempt).message).toContain('was refused');
  });

  it('looks at the cause of an error without a code', () => {
    const wrapped = new Error('outer', { cause: Object.assign(new Error('raw'), { code: 'ENOTFOUND' }) });
    expect(networkError(wrapped, attempt).message).toContain('is not known');
  });

  it('takes anything that is thrown', () => {
    expect(networkError('a string', { ...attempt, method: 'PUT' })).toMatchObject({
      code: 'ERR_NETWORK_FAILED',
      message: 'Cannot send to "https://host.example:8443/path": the connection failed',
    });
  });
});
