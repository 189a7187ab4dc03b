import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const PAGE = readFileSync(join(ROOT, 'docs', 'security.md'), 'utf8');
const ROWS = PAGE.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| promise'));

describe('the page of security', () => {
  it.each(ROWS)('%s', (row) => {
    const [, promise = '', tests = ''] = row
      .split(' | ')
      .join('\u0000')
      .replace(/^\| /, '\u0000')
      .split('\u0000');
    const named = [...tests.matchAll(/`(test\/[^`]+\.test\.ts)`/g)].map(([, path = '']) => path);
    expect(promise).toMatch(/\.$/);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('says whom each of its parts is against, and how to report a vulnerability', () => {
    const parts = PAGE.split(/^## /m).slice(1);
    const tables = parts.filter((part) => part.includes('| promise |'));
    expect(tables.length).toBeGreaterThan(4);
    for (const part of tables) expect(part).toMatch(/^Against /m);
    expect(parts.at(-1)).toMatch(/^Reporting a weakness\n/);
  });
});
