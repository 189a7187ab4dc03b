import { describe, expect, it } from 'vitest';
import { parseContentRange } from '../../../src/internal/http/content-range.ts';

describe('parseContentRange', () => {
  it.each([
    ['bytes 0-9/10', { first: 0, last: 9, total: 10 }],
    ['bytes 5-9/*', { first: 5, last: 9 }],
    ['bytes */10', { total: 10 }],
    [' BYTES  5-5/6 ', { first: 5, last: 5, total: 6 }],
  ])('reads %j', (value, expected) => {
    expect(parseContentRange(value)).toEqual(expected);
  });

  it.each([
    undefined,
    '',
    'bytes',
    'items 0-9/10',
    'bytes 9-0/10',
    'bytes -5-9/10',
    'bytes 0-9/10, bytes 20-29/30',
    'bytes 0-99999999999999999999/*',
    'bytes 0-9',
  ])('makes nothing of %j', (value) => {
    expect(parseContentRange(value)).toBeUndefined();
  });

  it('refuses a range that reaches beyond the whole', () => {
    expect(parseContentRange('bytes 5-10/10')).toBeUndefined();
  });
});
