import { describe, expect, it } from 'vitest';
import { helperWords } from '../../../src/registry/credentials/helper-words.ts';

describe('helperWords', () => {
  it.each([
    ['pass not initialized: exit status 1: Error: password store is empty'],
    [
      'error getting credentials - err: exec: "docker-credential-desktop": executable file not found in $PATH',
    ],
    ['no usernames for https://index.docker.io/v1/'],
    ['Cannot autolaunch D-Bus without X11 $DISPLAY'],
    ['The specified item could not be found in the keychain.'],
    ['NoCredentialProviders: no valid providers in chain'],
  ])('passes on “%s”', (text) => {
    expect(helperWords(`${text}\n`)).toBe(text);
  });

  it.each([
    ['an answer with a status of failure', '{"ServerURL":"x","Username":"u","Secret":"hunter2"}'],
    ['half an answer', '{"Username":"u","Secret":"hunter2'],
    ['an address with a login', 'cannot reach https://robot:hunter2@harbor.lab/v2/'],
    ['an address with a slash in the password', 'cannot reach https://robot:x/hunter2@harbor.lab/v2/'],
    ['a query', 'GET https://sts.example/?X-Amz-Signature=hunter2 failed'],
    ['a named password', 'login failed, password=hunter2'],
    ['a named password in JSON', '{"error":"denied","password": "hunter2"}'],
    ['a header', 'sent Authorization: Bearer hunter2'],
    ['a token', 'eyJhbGciOiJIUzI1NiJ9.hunter2eyJzdWIiOiIxMjM0NTY3ODkwIn0 expired'],
    ['base64 of a login', `bad auth ${Buffer.from('robot:hunter2-S3CR3T-0').toString('base64')}`],
  ])('leaves out what may be a secret: %s', (_what, text) => {
    const words = helperWords(text) ?? '';
    expect(words).not.toContain('hunter2');
    expect(words).not.toContain('cm9ib3Q');
  });

  it('is one line, fit for a terminal, and not long', () => {
    expect(helperWords('\u001b[31mno\u0007 way\r\n\tout\u2028')).toBe('[31mno way out');
    expect(helperWords('all is lost '.repeat(100))?.length).toBeLessThanOrEqual(201);
    expect(helperWords(' \n ')).toBeUndefined();
  });
});
