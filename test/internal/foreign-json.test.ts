import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  excessOf,
  JSON_LIMIT,
  parseForeignJson,
  parseForeignRows,
  WHOLE,
} from '../../src/internal/foreign-json.ts';

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

describe('foreign JSON with long lists', () => {
  const rowsOf = (text: string, name: string): { readonly value: unknown; readonly rows: unknown[] } => {
    const { value, rows } = parseForeignRows(Buffer.from(text), { limit, fail, lists: [name] });
    return { value, rows: [...rows(name)] };
  };
  const LONG = Array.from({ length: 5000 }, (_, number) => ({
    number,
    text: `",]}[{"${number}`,
    blobs: [1],
  }));

  it.each([0, 1, 5000])('gives %i values of a member one by one, and the rest at once', (count) => {
    const blobs = LONG.slice(0, count);
    const document = { a: ['blobs', { blobs: [2] }], blobs, 'b\\': [], z: { blobs: 3 } };
    for (const text of [JSON.stringify(document), JSON.stringify(document, null, 2)]) {
      expect(rowsOf(text, 'blobs')).toEqual({ value: { ...document, blobs: [] }, rows: blobs });
    }
  });

  it('gives those of the whole', () => {
    expect(rowsOf(JSON.stringify(LONG), WHOLE)).toEqual({ value: [], rows: LONG });
  });

  it.each([
    ['is not there', '{"a":[1]}', { a: [1] }, []],
    ['is not a list', '{"blobs":{"a":1}}', { blobs: { a: 1 } }, []],
    ['is a text', '{"blobs":"[1]"}', { blobs: '[1]' }, []],
    ['is in a list', '["blobs",[1]]', ['blobs', [1]], []],
    ['has a name that is escaped', '{"blo\\u0062s":[1]}', { blobs: [1] }, [1]],
  ])('has nothing of its own where it %s', (_, text, value, rows) => {
    expect(rowsOf(text, 'blobs')).toEqual({ value, rows });
  });

  it('is not JSON where JSON.parse says so', () => {
    const text = JSON.stringify({ a: 1, blobs: [...LONG.slice(0, 3), [], 'x'], b: [2] }).slice(0, 400);
    const isJson = (parsed: () => unknown): boolean => {
      try {
        parsed();
        return true;
      } catch {
        return false;
      }
    };
    const texts = [
      '{"blobs":[1,]}',
      '{"blobs":[,1]}',
      '{"blobs":[1]',
      '{"blobs"[1]}',
      '{"blobs":[1]]}',
      '{"blobs":[1 2]}',
    ];
    for (let at = 0; at < text.length; at++) {
      for (const other of ['', ',', ']', '[', '"', '}'])
        texts.push(text.slice(0, at) + other + text.slice(at + 1));
    }
    for (const each of texts)
      expect([each, isJson(() => rowsOf(each, 'blobs'))]).toEqual([each, isJson(() => JSON.parse(each))]);
  });

  it('is not JSON with a comma at the end of many values', () => {
    const text = JSON.stringify({ blobs: LONG });
    expect(() => rowsOf(text.replace(/]}$/, ',]}'), 'blobs')).toThrow('not JSON');
    expect(() => rowsOf(text.replace('},{"number":3000', '},,{"number":3000'), 'blobs')).toThrow('not JSON');
  });

  it('has no list twice', () => {
    expect(() => rowsOf('{"blobs":[1],"blobs":[2]}', 'blobs')).toThrow('"blobs" twice');
  });
});
