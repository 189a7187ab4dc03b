import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openBundle } from '../../src/bundle/open.ts';
import { EXAMPLES } from '../support/archives/example-bundles.ts';
import { peer } from '../support/peers/peers.ts';
import { specPages } from '../support/requirements.ts';
import { temporaryFolder } from '../support/temporary.ts';

const PAGE = specPages().get('by-hand.md') ?? '';
const VALID = join(EXAMPLES, 'valid');

/** The recipes of the page, and the program that each is for. */
const RECIPES = [...PAGE.matchAll(/^## ([^\n]*)\n\n```(sh|powershell|bat)\n([^]*?)```/gm)].map(
  ([, system = '', language = '', text = '']) => ({ system, language, text }),
);
/** Those of this system. `shasum` is a script of Perl, which other systems than macOS have too. */
const HERE = RECIPES.filter(({ language }) => (process.platform === 'win32') !== (language === 'sh'));

function run({ language, text }: (typeof RECIPES)[number], folder: string): { ok: boolean; shown: string } {
  const [program, args] =
    language === 'sh'
      ? ['sh', ['-e', '-c', text]]
      : language === 'bat'
        ? ['cmd', ['/d', '/s', '/c', text.trim().replaceAll('\n', ' && ')]]
        : ['powershell', ['-NoProfile', '-Command', `$ErrorActionPreference = 'Stop'\n${text}`]];
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder, encoding: 'utf8' });
  return { ok: status === 0, shown: `${stdout}${stderr}` };
}

/** Puts an example in volumes where the recipes look for it. */
function volumesIn(folder: string): void {
  for (const name of readdirSync(VALID).filter((each) => /^volumes\.tar\.\d{3}$/.test(each)))
    copyFileSync(join(VALID, name), join(folder, name.replace('volumes', 'lab')));
}

describe('a recipe to check a bundle by hand', () => {
  it('is there for Linux, for macOS and for Windows', () => {
    expect(RECIPES.map(({ system }) => system)).toEqual([
      'Linux',
      'macOS',
      'Windows, PowerShell',
      'Windows, with certutil',
    ]);
    expect(HERE.length).toBeGreaterThan(0);
    const windows = RECIPES.filter(({ system }) => system.startsWith('Windows')).map(({ text }) => text);
    expect(windows.join('')).toMatch(/copy \/b/);
    expect(windows.join('')).toMatch(/certutil -hashfile bundle\.json SHA256/);
  });

  it.each(HERE)('for $system shows the root digest of a bundle that is whole', async (recipe) => {
    if (recipe.text.includes('shasum') && peer('shasum') === undefined) return;
    using scratch = temporaryFolder();
    volumesIn(scratch.path);
    await using bundle = await openBundle(join(scratch.path, 'lab.tar.001'));
    const { ok, shown } = run(recipe, scratch.path);
    expect(ok).toBe(true);
    expect(shown.toLowerCase()).toContain(bundle.root.slice('sha256:'.length));
  });

  it.each(HERE.filter(({ language }) => language !== 'bat'))(
    'for $system fails where one byte is another',
    (recipe) => {
      if (recipe.text.includes('shasum') && peer('shasum') === undefined) return;
      using scratch = temporaryFolder();
      volumesIn(scratch.path);
      const last = join(scratch.path, 'lab.tar.002');
      const bytes = readFileSync(last);
      const text = bytes.indexOf('hello.txt');
      bytes.writeUInt8((bytes[text] ?? 0) ^ 1, text);
      writeFileSync(last, bytes);
      expect(run(recipe, scratch.path).ok).toBe(false);
    },
  );
});

describe('the bundle that is shown whole', () => {
  const page = specPages().get('walkthrough.md') ?? '';
  const shown = [
    ...page.matchAll(
      /^## `([^`]+)`\n\n(\d+) bytes, SHA-256 ([0-9a-f]{64})\.\n\n(?:```\w+\n([^]*?)\n```\n\nIt ends (without|with))?/gm,
    ),
  ];

  it('has the bytes of the example', async () => {
    await using bundle = await openBundle(join(VALID, 'hello.tar'));
    const paths: string[] = [];
    for await (const { path } of bundle.entries()) paths.push(path);
    expect(shown.map(([, path]) => path)).toEqual(paths);
    const tar = readFileSync(join(VALID, 'hello.tar'));
    for (const [, , size = '', , text = '', end] of shown) {
      if (end === undefined) continue;
      const content = `${text}${end === 'with' ? '\n' : ''}`;
      expect(Buffer.byteLength(content)).toBe(Number(size));
      expect(tar.includes(content)).toBe(true);
    }
    expect(page).toContain(`\n    ${bundle.root}\n`);
  });

  it('has the headers of the example, as hex digits', () => {
    const tar = readFileSync(join(VALID, 'hello.tar'));
    const [first = ''] = page.split('## The tar')[1]?.split('The header of the last blob') ?? [];
    const rows = [...first.matchAll(/^([0-9a-f]{4}) {2}((?:[0-9a-f]{2} ){15}[0-9a-f]{2}) /gm)];
    expect(rows.length).toBeGreaterThan(5);
    for (const [, at = '', hex = ''] of rows) {
      const start = Number.parseInt(at, 16);
      expect(tar.toString('hex', start, start + 16)).toBe(hex.replaceAll(' ', ''));
    }
  });
});
