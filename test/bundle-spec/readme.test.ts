import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesOf, filesOfPlan, HELLO, IMAGE, planOfSamples } from '../../scripts/examples/content.ts';
import { documentOf, withDocument, withHeadFile } from '../../scripts/examples/forge.ts';
import { memoryArchive } from '../../src/archive/memory.ts';
import { checkBundle } from '../../src/bundle/check/check.ts';
import { readBundle } from '../../src/bundle/open.ts';
import { specPages } from '../support/requirements.ts';
import { temporaryFolder } from '../support/temporary.ts';

const files = filesOf([HELLO, IMAGE]);
const textIn = (all: ReadonlyMap<string, Uint8Array>): string =>
  Buffer.from(all.get('README.txt') ?? []).toString();

/** Runs the two lines that the page has for a system, in a folder; returns what they print. */
function run(system: string, folder: string): string {
  const [, first = '', second = ''] = new RegExp(`^${system} +(.*)\n +(.*)$`, 'm').exec(textIn(files)) ?? [];
  return execFileSync('sh', ['-c', `${first} && ${second}`], {
    cwd: folder,
    encoding: 'utf8',
    stdio: 'pipe',
  });
}

describe('the README.txt of a bundle [B-LAYOUT-11]', () => {
  it('is the text of the specification with the name of the bundle', () => {
    const [, text = ''] =
      /```text\n(Saddlebag bundle[^]*?)```/.exec(specPages().get('layout.md') ?? '') ?? [];
    expect(textIn(files)).toBe(text.replace('NAME', 'example'));
  });

  it.each([
    ['x'.repeat(128), true],
    ['ä'.repeat(64), true],
    ['x'.repeat(129), false],
    ['ä'.repeat(65), false],
    ['😀'.repeat(512), false],
  ])('has at most 1 KiB with the name %s', (name, isNamed) => {
    const text = textIn(filesOfPlan(planOfSamples([HELLO], { name }), [HELLO]));
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1024);
    expect(text.split('\n')[0]).toBe(isNamed ? `Saddlebag bundle: ${name}` : 'Saddlebag bundle');
  });

  it.each(['Linux', 'macOS'])('proves a bundle by hand with what it says for %s', (system) => {
    using folder = temporaryFolder();
    for (const [path, bytes] of files) {
      mkdirSync(dirname(join(folder.path, path)), { recursive: true });
      writeFileSync(join(folder.path, path), bytes);
    }
    const printed = run(system, folder.path);
    expect(printed).toContain(`${planOfSamples([HELLO, IMAGE]).root.slice(7)}  bundle.json`);
    expect(printed).toContain('README.txt: OK');
    const blob = join(folder.path, 'blobs/sha256', HELLO.contents.at(-1)?.descriptor.digest.slice(7) ?? '');
    writeFileSync(blob, readFileSync(blob, 'utf8').toUpperCase());
    expect(() => run(system, folder.path)).toThrow('did NOT match');
  });

  it('may be worded in another way by a later minor version', async () => {
    const other = withHeadFile(files, 'README.txt', 'Read this first\n');
    const later = withDocument(other, { ...documentOf(other), version: '1.1' });
    await using bundle = await readBundle(memoryArchive(later), { path: 'later.tar' });
    expect(await checkBundle(bundle)).toEqual([]);
  });
});
