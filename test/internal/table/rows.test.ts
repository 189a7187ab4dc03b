import { describe, expect, it } from 'vitest';
import { mapRows, selectRows } from '../../../src/internal/table/rows.ts';

const LETTERS = ['a', 'b', 'c', 'd', 'e'];
const table = mapRows(LETTERS, (letter, index) => `${letter}${index}`);

describe('a table', () => {
  it('has the rows that it is made of, as a list has them', () => {
    const list = ['a0', 'b1', 'c2', 'd3', 'e4'];
    expect([...table]).toEqual(list);
    expect(table).toHaveLength(5);
    expect([table.at(1), table.at(5)]).toEqual(['b1', undefined]);
    expect(table.map((row, index) => row + index)).toEqual(list.map((row, index) => row + index));
    expect(table.filter((row) => row > 'b')).toEqual(list.filter((row) => row > 'b'));
    expect(JSON.stringify({ table })).toBe(JSON.stringify({ table: list }));
    expect(table.find((row) => row > 'b')).toBe('b1');
    expect(table.reduce((sum, row) => sum + row, '')).toBe(list.join(''));
  });

  it.each([
    [0, undefined],
    [2, undefined],
    [1, 3],
    [-2, undefined],
    [0, -1],
    [3, 2],
    [9, undefined],
  ])('gives the slice from %s to %s as a list does', (start, end) => {
    expect(table.slice(start, end)).toEqual([...table].slice(start, end));
  });

  it('gives some of its rows, each tested once', () => {
    const tested: string[] = [];
    const some = selectRows(table, (row, index) => tested.push(row) > 0 && index % 2 === 1);
    expect([...some, ...some]).toEqual(['b1', 'd3', 'b1', 'd3']);
    expect(tested).toEqual([...table]);
    expect(some).toHaveLength(2);
  });
});
