import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generated } from '../scripts/generate/documents.ts';

const ROOT = join(import.meta.dirname, '..');
const documents = await generated();

describe('generated documents', () => {
  for (const { path, text } of documents) {
    it(`${path} is what "npm run generate" writes`, () => {
      expect(readFileSync(join(ROOT, path), 'utf8')).toBe(text);
    });
  }

  it.each(documents.filter(({ path }) => path.endsWith('.schema.json')))(
    '$path closes every mapping whose keys are known',
    ({ text }) => {
      const mappings = mappingsOf(JSON.parse(text));
      expect(mappings.length).toBeGreaterThan(0);
      const open = mappings.filter((one) => 'properties' in one && one['additionalProperties'] !== false);
      // Of an item of a kind that is not known, more is not known than the name of the kind.
      expect(open.filter((one) => !JSON.stringify(one).includes('"pattern":"^(?!(?:image|'))).toEqual([]);
    },
  );

  it('there is a schema of all that is written down for others', () => {
    const paths = documents.map(({ path }) => path);
    for (const name of ['spec', 'lock', 'bundle', 'progress'])
      expect(paths).toContain(`bundle-spec/schema/${name}.schema.json`);
  });

  it('the reference has a section for every command of the contract', () => {
    const text = documents.find(({ path }) => path === 'docs/cli.md')?.text ?? '';
    const names = [...text.matchAll(/^## bundle (.*)$/gm)].map(([, name]) => name);
    expect(names).toEqual(expect.arrayContaining(['build', 'lock', 'inspect', 'verify', 'install']));
  });
});

function mappingsOf(node: unknown): Record<string, unknown>[] {
  if (Array.isArray(node)) return node.flatMap(mappingsOf);
  if (typeof node !== 'object' || node === null) return [];
  const own: Record<string, unknown> = { ...node };
  const below = Object.values(own).flatMap(mappingsOf);
  return own['type'] === 'object' ? [own, ...below] : below;
}
