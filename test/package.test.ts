import { execFile } from 'node:child_process';
import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plannedFile } from './support/planned/items.ts';
import { sampleBundle } from './support/samples/sample-bundle.ts';
import { incompressibleBytes } from './support/samples/sample-image.ts';
import { temporaryFolder } from './support/temporary.ts';

const ROOT = join(import.meta.dirname, '..');
const run = promisify(execFile);
let folder: ReturnType<typeof temporaryFolder>;
let main: string;

beforeAll(async () => {
  folder = temporaryFolder();
  copyFileSync(join(ROOT, 'package.json'), join(folder.path, 'package.json'));
  await run(process.execPath, [join(ROOT, 'scripts', 'build.ts'), join(folder.path, 'dist')]);
  main = join(folder.path, 'dist', 'main.js');
});
afterAll(() => folder[Symbol.dispose]());

describe('the package', () => {
  it('has a program that starts from one file, with no dependency beside it', async () => {
    const { stdout } = await run(main, ['--version'], { cwd: folder.path, env: { PATH: pathWithNode() } });
    expect(stdout).toBe(`${versionOf()}\n`);
    expect(statSync(main).mode & 0o111).toBe(0o111);
    expect(readFileSync(main, 'utf8').startsWith('#!/usr/bin/env node\n')).toBe(true);
  });

  it('hashes a large bundle in threads that are started from that same file', async () => {
    const samples = ['a', 'b', 'c'].map((name) => plannedFile(name, incompressibleBytes(name, 12_000_000)));
    const { tar, plan } = sampleBundle(samples);
    const path = join(folder.path, 'large.tar');
    writeFileSync(path, tar);
    const { stdout } = await run(process.execPath, [main, 'verify', path, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ root: plan.root, ok: true });
    tar.writeUInt8(tar.readUInt8(20_000_000) ^ 1, 20_000_000);
    writeFileSync(path, tar);
    await expect(run(process.execPath, [main, 'verify', path])).rejects.toMatchObject({
      code: 3,
      stdout: expect.stringContaining('ERR_DIGEST_MISMATCH'),
    });
  });

  it('has a library with the verbs, their errors, and nothing else', async () => {
    const library: unknown = await import(pathToFileURL(join(folder.path, 'dist', 'index.js')).href);
    expect(Object.keys(Object(library)).sort()).toEqual([
      'ProblemsError',
      'SaddlebagError',
      'UnprovenError',
      'buildBundle',
      'checkRegistriesFile',
      'convertBundle',
      'diffBundles',
      'generateKeys',
      'inspectBundle',
      'installBundle',
      'lockSpec',
      'repairBundle',
      'serveBundles',
      'signBundle',
      'uninstall',
      'verifyBundle',
      'writeConfig',
    ]);
  });
});

/** The interpreter line looks `node` up: it must be the one that runs this test. */
function pathWithNode(): string {
  return `${join(process.execPath, '..')}:${process.env['PATH'] ?? ''}`;
}

function versionOf(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return String(Object(manifest).version);
}
