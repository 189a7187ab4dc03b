import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseWhole } from './support/sites/spec-document.ts';

const DOCS = join(import.meta.dirname, '..', 'docs');
const GUIDES = readdirSync(join(DOCS, 'guides')).filter((name) => name.endsWith('.md'));
const REFERENCE = readFileSync(join(DOCS, 'cli.md'), 'utf8');

describe.each(GUIDES)('the guide %s', (name) => {
  const text = readFileSync(join(DOCS, 'guides', name), 'utf8');

  it('names commands and options that there are', () => {
    const commands = [...text.matchAll(/(?:^|`|\$ )bundle ([a-z]+)([^`\n#>|]*)/gm)];
    const unknown = commands.flatMap(([whole, command = '', rest = '']) => {
      const page = pageOf(command);
      const options = rest.match(/--[a-z][a-z0-9-]*/g) ?? [];
      return page === undefined || options.some((option) => !page.includes(option)) ? [whole.trim()] : [];
    });
    expect(commands.length).toBeGreaterThan(0);
    expect(unknown).toEqual([]);
  });

  it('shows specs that can be read', () => {
    const specs = [...text.matchAll(/^```yaml\n(bundle: 1\n[\s\S]*?)^```/gm)].map(([, spec = '']) => spec);
    for (const spec of specs) expect(parseWhole(spec, name).value.bundle).toBe(1);
    expect(specs.length).toBe(text.split('\nbundle: 1\n').length - 1);
  });
});

function pageOf(command: string): string | undefined {
  const pages = REFERENCE.split(/^## /m);
  return pages.find((page) => page.startsWith(`bundle ${command}\n`));
}
