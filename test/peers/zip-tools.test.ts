import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { convertBundle } from '../../src/verbs/convert.ts';
import { verifyBundle } from '../../src/verbs/verify.ts';
import { requirePeer } from '../support/peers/peers.ts';
import { sampleBundle } from '../support/samples/sample-bundle.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { NOBODY } from '../support/surroundings.ts';

const run = promisify(execFile);
const { plan, tar } = sampleBundle();
const folder = temporaryFolder();
const at = (...path: readonly string[]): string => join(folder.path, ...path);

beforeAll(async () => {
  writeFileSync(at('lab.tar'), tar);
  await convertBundle({ path: at('lab.tar'), out: at('lab.zip') }, NOBODY);
  await convertBundle({ path: at('lab.tar'), out: at('lab') }, NOBODY);
});
afterAll(() => folder[Symbol.dispose]());

describe('Info-ZIP reads the zip as it is', () => {
  it('and finds every file and every checksum right', async (context) => {
    const { stdout } = await run(requirePeer(context, 'unzip'), ['-t', at('lab.zip')]);
    expect(stdout).toContain('No errors detected');
    expect(stdout.match(/ OK$/gm)).toHaveLength(plan.files.length + plan.blobs.length);
  });

  it('and unpacks what `sha256sum -c` then accepts', async (context) => {
    mkdirSync(at('unpacked'));
    await run(requirePeer(context, 'unzip'), ['-q', at('lab.zip'), '-d', at('unpacked')]);
    const report = execFileSync('sha256sum', ['-c', '--strict', 'SHA256SUMS'], {
      cwd: at('unpacked'),
      encoding: 'utf8',
    });
    expect(report).not.toContain('FAILED');
    expect(await verifyBundle({ path: at('unpacked') }, NOBODY)).toMatchObject({ ok: true, root: plan.root });
  });
});

describe('a bundle that Info-ZIP packed', () => {
  it.for([
    ['stored', ['-0', '-X', '-r', 'stored.zip']],
    ['stored, with times and owners', ['-0', '-r', 'owners.zip']],
    ['stored, without its folders', ['-0', '-X', '-D', '-r', 'flat.zip']],
    ['stored, with what needs no ZIP64 in its form', ['-0', '-X', '-fz', '-r', 'large.zip']],
  ] as const)('opens when it is %s', async ([, options], context) => {
    const [name = ''] = options.slice(-1);
    await run(requirePeer(context, 'zip'), [...options.slice(0, -1), '-q', at(name), '.'], {
      cwd: at('lab'),
    });
    expect(await verifyBundle({ path: at(name) }, NOBODY)).toMatchObject({
      ok: true,
      root: plan.root,
      problems: [],
    });
    await convertBundle({ path: at(name), out: at('back.tar') }, NOBODY);
    expect(readFileSync(at('back.tar')).equals(tar)).toBe(true);
  });

  it('opens when it went through a pipe, with all numbers behind the content', async (context) => {
    requirePeer(context, 'zip');
    execFileSync('sh', ['-c', 'zip -0 -X -r -q - . | cat > ../piped.zip'], { cwd: at('lab') });
    expect(await verifyBundle({ path: at('piped.zip') }, NOBODY)).toMatchObject({
      ok: true,
      root: plan.root,
      problems: [],
    });
  });

  it.for([
    ['compressed', [], 'it is compressed'],
    ['encrypted', ['-0', '-P', 'secret'], 'it is encrypted'],
  ] as const)('is refused when it is %s, with a way out', async ([name, options, fact], context) => {
    const out = at(`${name}.zip`);
    await run(requirePeer(context, 'zip'), [...options, '-X', '-r', '-q', out, '.'], { cwd: at('lab') });
    await expect(verifyBundle({ path: out }, NOBODY)).rejects.toMatchObject({
      code: 'ERR_ARCHIVE_INVALID',
      message: `Cannot accept entry "bundle.json": ${fact}`,
      hint: expect.stringContaining('zip -0 -X -r'),
    });
  });

  it('is refused when it has a comment', async (context) => {
    const zip = requirePeer(context, 'zip');
    await run(zip, ['-0', '-X', '-r', '-q', at('commented.zip'), '.'], { cwd: at('lab') });
    execFileSync('sh', ['-c', `echo hello | zip -z -q ${at('commented.zip')}`]);
    await expect(verifyBundle({ path: at('commented.zip') }, NOBODY)).rejects.toThrow(
      'a comment or something else follows',
    );
  });
});
