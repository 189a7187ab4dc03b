import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { maskOf } from '../../scripts/mutate/mask.ts';
import { mutantsOf } from '../../scripts/mutate/mutants.ts';
import { testsOf } from '../../scripts/mutate/tests.ts';

const ROOT = join(import.meta.dirname, '../..');

describe('mutants', () => {
  it.each([
    ['a comparison', 'x = a <= b;', ['<= -> <']],
    ['an equality', 'x = a === b;', ['=== -> !==']],
    ['two conditions', 'x = a && b || c;', ['&& -> ||', '|| -> &&']],
    ['a sum', 'x = a + b;', ['+ -> -']],
    ['a truth', 'return true;', ['true -> false']],
    ['a condition', 'if (isThere(a)) go();', ['isThere(a) -> true', 'isThere(a) -> false']],
    ['a statement', '{\n  await go();\n}', ['await go(); -> nothing']],
    ['a throw', '{\n  throw missing(path);\n}', ['throw missing(path); -> nothing']],
    ['no type', 'readonly complete?: true | undefined;\nconst x: Map<string, A>;', []],
    ['no comment', '// a && b\n/* a === b */\n/** if (x) */', []],
    ['no text', 'x = \'a === b\' + "if (x)" + `a && b`;', ['+ -> -', '+ -> -']],
    ['no regular expression', 'x = /a && b/.test(y) && z;', ['&& -> ||']],
    ['no declaration', '  const x = go(y);\n  return go(z);', []],
  ])('are made of %s', (_, source, changes) => {
    expect(mutantsOf(source).map(({ what }) => what)).toEqual(changes);
  });

  it('change what they say they change, wherever it is', () => {
    for (const path of readdirSync(join(ROOT, 'src/disk'), { recursive: true, encoding: 'utf8' })) {
      if (!path.endsWith('.ts')) continue;
      const source = readFileSync(join(ROOT, 'src/disk', path), 'utf8');
      expect(maskOf(source)).toHaveLength(source.length);
      for (const { start, end, line } of mutantsOf(source)) {
        expect(end).toBeGreaterThan(start);
        expect(source.split('\n')[line - 1]).not.toMatch(/^\s*(?:\/\/|\/\*|\*(?:[\s/]|$))/);
      }
    }
  });
});

describe('the tests of a file', () => {
  it('are its mirror first, then those beside it and those of its users, then those of all writers', () => {
    const runs = testsOf(ROOT, 'src/disk/place.ts');
    const [near, last] = [runs.at(0), runs.at(-1)];
    expect(near?.files[0]).toBe('test/disk/place.test.ts');
    expect(last?.files[0]).toBe('test/disk/every-writer.test.ts');
  });
});
