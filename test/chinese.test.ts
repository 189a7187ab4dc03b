import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseWhole } from './support/sites/spec-document.ts';

const ROOT = join(import.meta.dirname, '..');
const GUIDES = readdirSync(join(ROOT, 'docs', 'guides')).map((name) => `docs/guides/${name}`);
const PAGES = [
  'README.zh-CN.md',
  ...readdirSync(join(ROOT, 'docs', 'zh-CN')).map((name) => `docs/zh-CN/${name}`),
];

describe.each(PAGES)('the Chinese page %s', (page) => {
  const text = read(page);

  it('gives only commands that an English page gives', () => {
    const english = new Set(['README.md', ...GUIDES].flatMap((each) => commandsIn(read(each))));
    const chinese = commandsIn(text);
    expect(chinese.length).toBeGreaterThan(5);
    expect(chinese.filter((command) => !english.has(command))).toEqual([]);
  });

  it('shows specs that can be read', () => {
    const specs = blocksOf(text, 'yaml');
    expect(specs).not.toEqual([]);
    for (const spec of specs) expect(parseWhole(spec, page).value.bundle).toBe(1);
  });

  it('links to files that there are', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, link = '']) => link);
    expect(links).not.toEqual([]);
    expect(links.filter((link) => !existsSync(join(ROOT, dirname(page), link)))).toEqual([]);
  });
});

describe('the Chinese pages', () => {
  it.each([
    ['README.zh-CN.md', 'README.md'],
    ['docs/zh-CN/desktop.md', 'docs/guides/stick.md'],
  ])('of which %s has every line to type of %s, in its order', (chinese, english) => {
    expect(linesOf(read(chinese))).toEqual(linesOf(read(english)));
  });

  it('show the spec of the English README', () => {
    const [chinese, english] = ['README.zh-CN.md', 'README.md'].map((page) =>
      blocksOf(read(page), 'yaml').map(withoutComments),
    );
    expect(chinese).toEqual(english);
  });

  it('are found from the first line of the README, and lead back', () => {
    expect(read('README.md').split('\n')[2]).toContain('(README.zh-CN.md)');
    expect(read('README.zh-CN.md').split('\n')[2]).toContain('(README.md)');
  });
});

function read(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}

function blocksOf(text: string, language: string): readonly string[] {
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].flatMap(([, word, block = '']) =>
    word === language ? [block] : [],
  );
}

/** Returns what is to be typed in a terminal, line by line, without comments. */
function linesOf(text: string): readonly string[] {
  return blocksOf(text, 'sh').flatMap((block) => withoutComments(block).split('\n').filter(Boolean));
}

/** Returns every command of a page, in blocks and in sentences. */
function commandsIn(text: string): readonly string[] {
  const spans = [...text.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
  return [...linesOf(text), ...spans].filter((line) => /(?:^|\/| )bundle(?:\.cmd)? [a-z]/.test(line));
}

function withoutComments(block: string): string {
  return block.replaceAll(/(?:^|\s)\s*#.*$/gm, '').replace(/^\n+/, '');
}
