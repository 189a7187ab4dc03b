import { describe, expect, it } from 'vitest';
import { parseRetryAfter } from '../../../src/internal/http/retry-after.ts';

describe('parseRetryAfter', () => {
  it('reads seconds', () => {
    expect(parseRetryAfter({ 'retry-after': '120' })).toBe(120);
    expect(parseRetryAfter({ 'retry-after': ' 0 ' })).toBe(0);
  });

  it('reads a date by the clock of the server, not by ours', () => {
    const headers = { 'retry-after': 'Fri, 31 Dec 1999 23:59:59 GMT', date: 'Fri, 31 Dec 1999 23:59:29 GMT' };
    expect(parseRetryAfter(headers)).toBe(30);
  });

  it.each(['Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994', 'Sun, 06 Nov 1994 08:49:37 GMT'])(
    'reads every form of a date: %s',
    (value) => {
      const date = 'Sun, 06 Nov 1994 08:49:07 GMT';
      expect(parseRetryAfter({ 'retry-after': value, date })).toBe(30);
    },
  );

  it('reads a date by our clock when the server does not tell its own', () => {
    const seconds = parseRetryAfter({ 'retry-after': new Date(Date.now() + 100_000).toUTCString() });
    expect(seconds).toBeGreaterThan(90);
    expect(seconds).toBeLessThanOrEqual(100);
  });

  it('takes a date in the past for no wait', () => {
    expect(parseRetryAfter({ 'retry-after': 'Fri, 31 Dec 1999 23:59:59 GMT' })).toBe(0);
  });

  it.each(['', 'soon', '-5', 'NaN', '1e3'])('makes nothing of %j', (value) => {
    // V8 reads some nonsense as a date of long ago; that is no wait either.
    expect(parseRetryAfter({ 'retry-after': value }) ?? 0).toBe(0);
  });

  it('asks for nothing when the header is missing', () => {
    expect(parseRetryAfter({})).toBeUndefined();
  });
});
