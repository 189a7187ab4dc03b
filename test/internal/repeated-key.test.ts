import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { repeatedKeyOf } from '../../src/internal/repeated-key.ts';

describe('a member name that appears twice', () => {
  it.each([
    ['{"a":1,"a":2}', 'a'],
    ['{"a":1,"b":{"c":1,"d":[{"c":1,"c":2}]}}', 'c'],
    ['{"a":1,"\\u0061":2}', 'a'],
    ['{"manifests":[],"Manifests":[]}', 'Manifests'],
    ['{"\u017Fize":1,"size":2}', 'size'],
    ['{"":1,"":2}', ''],
    ['{"a\\"":1,"a\\"":2}', 'a"'],
    ['{"annotations":{"a":"1","a":"2"}}', 'a'],
    ['{"annotations":{},"annotations":{}}', 'annotations'],
    ['{"a":"x:{\\"","a":1}', 'a'],
    ['[{"annotations":"x"},{"a":1,"A":2}]', 'A'],
    ['{"annotations":[{"a":1,"A":2}]}', 'A'],
  ])('is found in %s', (json, key) => {
    expect(repeatedKeyOf(json)).toBe(key);
  });

  it.each([
    '{"a":{"a":{"a":"a"}}}',
    '[{"a":1},{"a":2}]',
    '{"a":["a","a"],"b":"a"}',
    '{"a":"{\\"a\\":1,\\"a\\":2}"}',
    '{"annotations":{"a":"1","A":"2"}}',
    '{"labels":{"a":"1","A":"2"}}',
    '"a"',
    '[]',
  ])('is not in %s', (json) => {
    expect(repeatedKeyOf(json)).toBeUndefined();
  });

  it('is found at any depth, and nowhere else', () => {
    const key = fc.stringMatching(/^[a-z{}:,"\\[\]]{0,4}$/);
    const tree = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        key,
        fc.nat(),
        fc.array(tie('value')),
        fc.dictionary(key, tie('value')),
      ),
    })).value;
    fc.assert(
      fc.property(tree, key, (value, name) => {
        const json = JSON.stringify(value);
        expect(repeatedKeyOf(json)).toBeUndefined();
        const quoted = JSON.stringify(name);
        expect(repeatedKeyOf(`{"-":[${json},{${quoted}:${json},${quoted}:1}]}`)).toBe(name);
      }),
    );
  });

  it('takes little time in a large text', () => {
    const json = JSON.stringify({
      list: Array.from({ length: 50_000 }, (_, index) => ({ index, text: 'x' })),
    });
    expect(repeatedKeyOf(`${json.slice(0, -1)},"list":1}`)).toBe('list');
  });
});
