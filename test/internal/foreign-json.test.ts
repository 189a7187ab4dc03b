import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { excessOf, JSON_LIMIT, parseForeignJson } from '../../src/internal/foreign-json.ts';

const limit = 64 * 1024 * 1024;
const fail = (fact: string): Error => new Error(fact);
const parse = (text: string | Uint8Array, onParsed?: (value: unknown) => void): unknown =>
  parseForeignJson(Buffer.from(text), { limit, fail, onParsed });

const { depth, members, values } = JSON_LIMIT;
const nested = (open: string, close: string, count: number): string =>
  `${open.repeat(count)}1${close.repeat(count)}`;
const list = (count: number, element: string): string => `[${Array(count).fill(element).join(',')}]`;
const object = (count: number): string => {
  return `{${Array.from({ length: count }, (_, at) => `"${at}":1`).join(',')}}`;
};

describe('foreign JSON', () => {
  it.each([
    ['a byte order mark', '\ufeff{}', 'not JSON'],
    ['text that is not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'not JSON'],
    ['text that ends too early', '{"a":', 'not JSON'],
    ['nothing', '', 'not JSON'],
    ['a member twice', '{"a":1,"A":2}', '"A" twice'],
    ['a member twice, far inside', '[[{"b":{"a":1,"a":2}}]]', '"a" twice'],
    ['a name twice that steers a terminal', '{"\\u001b[2J":1,"\\u001b[2J":2}', '"\\u001b[2J" twice'],
    ['lists in one another', nested('[', ']', depth + 1), `nested more than ${depth} deep`],
    ['objects in one another', nested('{"a":', '}', depth + 1), `nested more than ${depth} deep`],
    ['lists without an end', '['.repeat(1_000_000), `nested more than ${depth} deep`],
    ['objects without an end', '{"":'.repeat(1_000_000), `nested more than ${depth} deep`],
    ['too many members', object(members + 1), `more than ${members} members`],
    ['too many numbers', list(values, '1'), `more than ${values} values`],
    ['too many empty objects', list(values, '{}'), `more than ${values} values`],
    ['too many of all', list(values / 2, '{"a":1}'), `more than ${values} values`],
  ])('with %s is refused', (_, text, fact) => {
    expect(() => parse(text)).toThrow(fact);
  });

  it.each([
    ['as deep as it may be', nested('[', ']', depth)],
    ['as deep in objects', nested('{"a":', '}', depth)],
    ['with as many members', object(members)],
    ['with as many values', list(values - 1, '[]')],
    ['with brackets in texts', `["${'['.repeat(1000)}", "\\"[[[[", "\\\\"]`],
    ['with white space', ' \t\r\n[ ] \n'],
  ])('%s is parsed', (_, text) => {
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  it('larger than it may be is not even decoded', () => {
    expect(() => parseForeignJson(Buffer.alloc(11, '['), { limit: 10, fail })).toThrow(
      'it has 11 bytes, more than the 10 allowed',
    );
  });

  it('is shown before names are looked at that are there twice', () => {
    const later = (): void => {
      throw new Error('of a later version');
    };
    expect(() => parse('{"a":1,"a":2}', later)).toThrow('of a later version');
  });

  it('is counted as it is, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
        const text = JSON.stringify(value, null, 1);
        expect(excessOf(text)).toBeUndefined();
        expect(excessOf(text.slice(0, text.length >> 1))).toBeUndefined();
      }),
    );
  });
});
