import { describe, expect, it } from 'vitest';
import { HexTable } from '../../../src/internal/table/hex-table.ts';

const hex = (number: number): string => number.toString(16).padStart(64, '0');

describe('a table of hex digits', () => {
  it('keeps each key once, in the order in which they came', () => {
    const table = new HexTable();
    const keys = Array.from({ length: 1000 }, (_, number) => hex(number * 7919));
    for (const key of keys) expect(table.add(key)).toBe(true);
    for (const key of keys) expect(table.add(key)).toBe(false);
    expect(table.length).toBe(1000);
    expect(keys.map((key) => table.indexOf(key))).toEqual(keys.map((_, index) => index));
    expect(keys.map((_, index) => table.at(index))).toEqual(keys);
    expect(table.indexOf(hex(1))).toBe(-1);
    expect([table.at(-1), table.at(1000)]).toEqual([undefined, undefined]);
  });

  it('reads a key from where it begins in a text', () => {
    const table = new HexTable();
    table.add(`blobs/sha256/${hex(3)}`, 13);
    expect(table.indexOf(`sha256:${hex(3)}`, 7)).toBe(0);
    expect(table.at(0)).toBe(hex(3));
  });

  it.each([
    ['one digit too few', hex(5).slice(1)],
    ['one digit too many', `0${hex(5)}`],
    ['an upper-case digit', hex(10).toUpperCase()],
    ['another letter', hex(5).replace('5', 'g')],
    ['a character that is no ASCII', hex(5).replace('5', '٥')],
  ])('has no key with %s', (_, text) => {
    const table = new HexTable();
    table.add(hex(5));
    expect(table.indexOf(text)).toBe(-1);
    expect(() => table.add(text)).toThrow(TypeError);
    expect(table.length).toBe(1);
  });
});
