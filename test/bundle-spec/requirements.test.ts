import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXAMPLES } from '../support/archives/example-bundles.ts';
import { numbersIn, requirements, specPages, testedNumbers } from '../support/requirements.ts';

describe('the requirements of the format', () => {
  it('are numbered from 1 on in each section, each number once', () => {
    const last = new Map<string, number>();
    const wrong = requirements().filter((requirement) => {
      const [, section = '', number = ''] = /^B-([A-Z]+)-(\d+)$/.exec(requirement) ?? [];
      const expected = (last.get(section) ?? 0) + 1;
      last.set(section, Number(number));
      return Number(number) !== expected;
    });
    expect(requirements().length).toBeGreaterThan(60);
    expect(wrong).toEqual([]);
  });

  it('are each named by a test', () => {
    const tested = new Set(testedNumbers());
    expect(requirements().filter((requirement) => !tested.has(requirement))).toEqual([]);
  });

  it('are the only ones that tests name', () => {
    const known = new Set(requirements());
    expect(testedNumbers().filter((number) => !known.has(number))).toEqual([]);
  });

  it('are the only ones that the pages name', () => {
    const known = new Set(requirements());
    const unknown = [...specPages()].flatMap(([name, text]) =>
      numbersIn(text).flatMap((number) => (known.has(number) ? [] : `${name}: ${number}`)),
    );
    expect(unknown).toEqual([]);
  });

  it('are each explained on another page', () => {
    const pages = [...specPages()].filter(([name]) => name !== 'conformance.md');
    const named = new Set(pages.flatMap(([, text]) => numbersIn(text)));
    expect(requirements().filter((requirement) => !named.has(requirement))).toEqual([]);
  });
});

describe('the pages of the format', () => {
  it('link to what is there', () => {
    const broken = [...specPages()].flatMap(([name, text]) => {
      const links = [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, path = '']) => path);
      return links.flatMap((path) => (existsSync(join(EXAMPLES, '..', path)) ? [] : `${name}: ${path}`));
    });
    expect(broken).toEqual([]);
  });

  it('leave every ceiling of a requirement to the table that is made from the program', () => {
    const text = specPages().get('conformance.md') ?? '';
    expect(text.match(/\b[0-9][0-9 ]* (?:KiB|MiB|GiB|TiB)\b|\b[0-9]{1,3}(?: [0-9]{3})+\b/g)).toBeNull();
    const table = specPages().get('security.md')?.split('## Ceilings')[1] ?? '';
    const numbers = numbersIn(table);
    expect(numbers.length).toBeGreaterThan(20);
    expect(numbers.filter((number) => !requirements().includes(number))).toEqual([]);
  });

  it('are all listed in the README', () => {
    const readme = specPages().get('README.md') ?? '';
    const others = [...specPages().keys()].filter((name) => name !== 'README.md');
    expect(others.filter((name) => !readme.includes(`(${name})`))).toEqual([]);
  });
});
