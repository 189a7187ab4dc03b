import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const page = readFileSync(join(ROOT, 'docs', 'environment.md'), 'utf8');
const source = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(join(ROOT, 'src', file), 'utf8'))
  .join('\n');

/** Read by Node.js itself. */
const OF_NODE = ['NODE_EXTRA_CA_CERTS'];

describe('docs/environment.md', () => {
  const listed = [...page.matchAll(/^\| (`[A-Z_]+`(?:, `[A-Z_]+`)*) \|/gm)].flatMap(([, cell = '']) =>
    cell.replaceAll('`', '').split(', '),
  );

  it('names every variable that the source reads by its name', () => {
    const read = [...source.matchAll(/\benv(?:ironment)?\??\.?\[?'([A-Z][A-Z_]+)'\]/g)].map(
      ([, name = '']) => name,
    );
    expect(read.length).toBeGreaterThan(10);
    expect([...new Set(read)].filter((name) => !listed.includes(name))).toEqual([]);
  });

  it('names every variable of ours', () => {
    const own = [...source.matchAll(/'(SADDLEBAG_[A-Z_]+)'/g)].map(([, name = '']) => name);
    expect([...new Set(own)].filter((name) => !listed.includes(name))).toEqual([]);
  });

  it('names none that the source does not know', () => {
    const unknown = listed.filter((name) => !OF_NODE.includes(name) && !source.includes(name));
    expect(unknown).toEqual([]);
  });
});
