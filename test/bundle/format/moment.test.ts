import { describe, expect, it } from 'vitest';
import { isMoment, requireMoment } from '../../../src/bundle/format/moment.ts';

describe('a moment', () => {
  it.each(['2026-08-20T14:05:00Z', '1970-01-01T00:00:00Z', '2024-02-29T23:59:59Z', '2000-02-29T00:00:00Z'])(
    'may be %s',
    (text) => {
      expect(isMoment(text)).toBe(true);
      expect(() => requireMoment(text)).not.toThrow();
    },
  );

  it.each([
    '',
    '2026-08-20',
    '2026-08-20 14:05:00Z',
    '2026-08-20T14:05:00',
    '2026-08-20T14:05:00.000Z',
    '2026-08-20T14:05:00+00:00',
    '2026-08-20t14:05:00z',
    '2026-08-20T14:05:00Z\n',
    '2026-8-20T14:05:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-08-32T00:00:00Z',
    '2026-08-00T00:00:00Z',
    '2026-08-20T24:00:00Z',
    '2026-08-20T14:60:00Z',
    '2016-12-31T23:59:60Z',
    '1724162700',
    'now',
  ])('is not %j', (text) => {
    expect(isMoment(text)).toBe(false);
    expect(() => requireMoment(text)).toThrow(
      expect.objectContaining({
        code: 'ERR_USAGE_INVALID',
        message: `Cannot date bundle to ${JSON.stringify(text)}: expected a moment in UTC, such as 2026-08-20T14:05:00Z`,
      }),
    );
  });
});
