import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable } from '../../../src/cli/display/printable.ts';
import { Rate } from '../../../src/cli/display/status/rate.ts';
import { isColoured, isLive } from '../../../src/cli/display/style.ts';
import { formatTable } from '../../../src/cli/display/table.ts';
import { parseCount } from '../../../src/cli/options/values.ts';
import { MemoryStream } from '../../support/process/cli.ts';

describe('printable', () => {
  it('leaves text alone, whatever its script', () => {
    expect(printable('Größe: 5 € 漢字 🙂\n\tok')).toBe('Größe: 5 € 漢字 🙂\n\tok');
  });

  it('lets nothing through that a terminal acts on', () => {
    assert(
      property(string({ unit: 'binary' }), (text) => {
        const acting = Array.from(printable(text)).filter((character) =>
          isActing(character.codePointAt(0) ?? 0),
        );
        expect(acting).toEqual([]);
      }),
    );
  });
});

describe('formatTable', () => {
  it('aligns columns and leaves no blanks at the end of a line', () => {
    const rows = [['a', '1', ''], ['bbb', '22', 'x'], ['c']];
    expect(formatTable(rows, { indent: '> ', right: [1] })).toBe('> a     1\n> bbb  22  x\n> c');
  });

  it('is empty for no rows', () => {
    expect(formatTable([])).toBe('');
  });
});

describe('Rate', () => {
  it('needs two moments', () => {
    const rate = new Rate();
    expect(rate.perSecond(0)).toBeUndefined();
    rate.add(0, 100);
    expect(rate.perSecond(0)).toBeUndefined();
    rate.add(2000, 300);
    expect(rate.perSecond(2000)).toBe(100);
  });

  it('forgets what is long ago', () => {
    const rate = new Rate();
    for (let second = 0; second <= 60; second++)
      rate.add(second * 1000, second < 40 ? 0 : (second - 40) * 1000);
    expect(rate.perSecond(60_000)).toBe(1000);
  });

  it('falls while nothing comes, to nothing', () => {
    const rate = new Rate();
    for (let second = 0; second <= 10; second++) rate.add(second * 1000, second * 1000);
    expect(rate.perSecond(10_000)).toBe(1000);
    expect(rate.perSecond(15_000)).toBeCloseTo(500);
    expect(rate.perSecond(60_000)).toBe(0);
  });
});

describe('isColoured', () => {
  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ TERM: 'dumb' }, true, false],
  ])('with %j on a terminal (%s) is %s', (env, isTerminal, expected) => {
    expect(isColoured(new MemoryStream(isTerminal), env)).toBe(expected);
  });
});

describe('isLive', () => {
  it.each([
    ['a terminal', {}, true, 100, true],
    ['a pipe', {}, false, 100, false],
    ['a pseudo-terminal without a size', {}, true, 0, false],
    ['a very narrow terminal', {}, true, 20, false],
    ['a dumb terminal', { TERM: 'dumb' }, true, 100, false],
    ['a terminal of a CI', { CI: 'true' }, true, 100, false],
  ])('on %s', (_, env, isTerminal, columns, expected) => {
    expect(isLive(new MemoryStream(isTerminal, columns), env)).toBe(expected);
  });
});

describe('parseCount', () => {
  it.each(['', '0', '-1', '1.5', '1e1', '٣', '65', '99999999999'])('refuses %j', (text) => {
    expect(() => parseCount('--n', text, { min: 1, max: 64 })).toThrow(
      /expected a whole number from 1 to 64/,
    );
  });

  it('takes what is in range', () => {
    expect(parseCount('--n', '64', { min: 1, max: 64 })).toBe(64);
  });
});

/** Controls but line feed and tab, and marks of direction. */
function isActing(code: number): boolean {
  if (code < 0x20) return code !== 0x0a && code !== 0x09;
  return (
    (code >= 0x7f && code <= 0x9f) || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)
  );
}
