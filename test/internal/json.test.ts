import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeJson, jsonListTexts, jsonTexts } from '../../src/internal/json.ts';

const rows = fc.array(fc.jsonValue());
const textOf = (pieces: Iterable<string>): string => [...pieces].join('');

describe('JSON in pieces', () => {
  it('is the text of the whole, whatever an object holds', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), rows, (record, list) => {
        const document = { ...record, list, nested: { list }, none: undefined };
        const inRows = { ...document, list: list.values(), nested: { list: list.values() } };
        expect(textOf(jsonTexts(inRows))).toBe(textFrom(document));
      }),
    );
    expect(textOf(jsonTexts({}))).toBe(textFrom({}));
  });

  it('is the text of the whole, whatever a list holds', () => {
    fc.assert(
      fc.property(rows, (list) => {
        expect(textOf(jsonListTexts(list.values()))).toBe(textFrom(list));
      }),
    );
  });

  it('makes a row when the text before it is taken', () => {
    const made: number[] = [];
    const list = [1, 2].values().map((row) => made.push(row));
    const texts = jsonTexts({ list });
    while (made.length === 0) texts.next();
    expect(made).toEqual([1]);
  });
});

function textFrom(value: unknown): string {
  return Buffer.from(encodeJson(value)).toString();
}
