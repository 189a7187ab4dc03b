import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { transform } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plannedFile } from './support/planned/items.ts';
import { sampleBundle } from './support/samples/sample-bundle.ts';
import { incompressibleBytes } from './support/samples/sample-image.ts';
import { temporaryFolder } from './support/temporary.ts';

const ROOT = join(import.meta.dirname, '..');
const run = promisify(execFile);
let folder: ReturnType<typeof temporaryFolder>;
let dist: string;
let main: string;

beforeAll(async () => {
  folder = temporaryFolder();
  // No package.json is beside it: it is copied alone, to a path with a blank.
  dist = join(folder.path, 'a stick', 'tool');
  mkdirSync(dirname(dist));
  await run(process.execPath, [join(ROOT, 'scripts', 'build.ts'), dist]);
  main = join(dist, 'main.js');
});
afterAll(() => folder[Symbol.dispose]());

describe('the program that ships', () => {
  it('starts in any folder, with no dependency and no package beside it', async () => {
    const { stdout } = await run(main, ['--version'], { cwd: folder.path, env: { PATH: pathWithNode() } });
    expect(stdout).toBe(`${versionOf()}\n`);
    expect(statSync(main).mode & 0o111).toBe(0o111);
    expect(readFileSync(main, 'utf8').startsWith('#!/usr/bin/env node\n')).toBe(true);
  });

  it('says the same in help as the source does', async () => {
    for (const argv of [
      ['help', '--json'],
      ['verify', '--help'],
    ]) {
      const shipped = await run(process.execPath, [main, ...argv]);
      const source = await run(process.execPath, [join(ROOT, 'src', 'main.ts'), ...argv]);
      expect(shipped).toEqual(source);
    }
  });

  it('answers version and help without a library, and hashes in threads that load next to nothing', () => {
    expect(loadedBy('program.mjs')).toBeLessThan(48 * 1024);
    expect(loadedBy('parts/hash-worker.mjs')).toBeLessThan(16 * 1024);
  });

  it('hashes a large bundle in threads', async () => {
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

  it('says what is wrong when it was copied without the files beside it', async () => {
    const alone = join(folder.path, 'main.js');
    cpSync(main, alone);
    await expect(run(process.execPath, [alone, 'version'])).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: `error: Cannot start: the files beside "${alone}" are missing; copy the whole folder\n`,
    });
  });
});

describe('an old Node.js', () => {
  const needed = /^\^([\d.]+) /.exec(enginesOf())?.[1] ?? '';

  it.each(['12.0.0', '18.20.4', '22.12.0', '22.22.1'])(
    '%s gets one sentence and status 2',
    async (version) => {
      const preload = join(folder.path, 'preload.cjs');
      writeFileSync(preload, `Object.defineProperty(process.versions, 'node', { value: '${version}' });`);
      await expect(run(process.execPath, ['--require', preload, main, 'version'])).rejects.toMatchObject({
        code: 2,
        stdout: '',
        stderr: `error: Cannot start: Node.js ${needed} or newer is needed, and "${process.execPath}" is ${version}\n`,
      });
    },
  );

  it('can read the door, as a script and as a module', async () => {
    const text = readFileSync(main, 'utf8');
    expect(text).not.toMatch(/^(?:import|export)\b|\bimport\.meta\b|\brequire\(/m);
    const { code } = await transform(text, {
      target: 'node12',
      supported: { 'dynamic-import': true },
      minifyWhitespace: true,
      minifySyntax: true,
    });
    // Whatever is newer would be written otherwise.
    expect(code).toBe(text);
  });
});

describe('the package', () => {
  let packed: string;

  beforeAll(async () => {
    const whole = join(folder.path, 'whole');
    cpSync(dist, join(whole, 'dist'), { recursive: true });
    for (const name of ['package.json', 'README.md', 'LICENSE', 'docs', 'bundle-spec'])
      cpSync(join(ROOT, name), join(whole, name), { recursive: true });
    const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json'], { cwd: whole });
    packed = join(whole, String(Object(Object.values(Object(JSON.parse(stdout)))[0]).filename));
  });

  it('is installed without a network and with an empty cache, and runs from there', async () => {
    const prefix = join(folder.path, 'prefix');
    await npmInstall(['--global', '--prefix', prefix, packed], folder.path);
    for (const name of ['bundle', 'saddlebag']) {
      const { stdout } = await run(join(prefix, 'bin', name), ['version'], { env: { PATH: pathWithNode() } });
      expect(stdout).toBe(`${versionOf()}\n`);
    }
    const installed = join(prefix, 'lib', 'node_modules', 'saddlebag');
    expect(readFileSync(join(prefix, 'share', 'man', 'man1', 'bundle.1'), 'utf8')).toContain('.TH BUNDLE 1');
    for (const name of [
      'docs/cli.md',
      'LICENSE',
      'dist/licences.txt',
      'dist/bundle.1',
      'bundle-spec/schema/spec.schema.json',
    ])
      expect(statSync(join(installed, name)).size).toBeGreaterThan(0);
  });

  it('is installed from a checkout that was built, as the README says', async () => {
    const prefix = join(folder.path, 'checkout prefix');
    await npmInstall(['--global', '--prefix', prefix, '.'], join(folder.path, 'whole'));
    const { stdout } = await run(join(prefix, 'bin', 'bundle'), ['version'], {
      env: { PATH: pathWithNode() },
    });
    expect(stdout).toBe(`${versionOf()}\n`);
  });

  it('has the name that the README installs', () => {
    const lines =
      /```sh\n(npm ci && npm run build && npm install --global \..*\n)(npm install --global \.\/(\S+).*\n)/;
    const [, , , name] = lines.exec(readFileSync(join(ROOT, 'README.md'), 'utf8')) ?? [];
    expect(name).toBe(basename(packed));
  });

  it('is used by a program in strict TypeScript, with no types of others but those of Node.js', async () => {
    const project = join(folder.path, 'consumer');
    mkdirSync(project);
    writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module' }));
    await npmInstall([packed], project);
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      module: 'nodenext',
      target: 'esnext',
      noEmit: true,
      types: ['node'],
      typeRoots: [join(ROOT, 'node_modules', '@types')],
    };
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
    cpSync(join(ROOT, 'test', 'fixtures', 'consumer.ts.txt'), join(project, 'consumer.ts'));
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const compiled = await run(process.execPath, [tsc, '--project', project]).catch(
      ({ stdout }: { readonly stdout: string }) => ({ stdout }),
    );
    expect(compiled.stdout).toBe('');
    const path = join(folder.path, 'lab.tar');
    const { tar, plan } = sampleBundle();
    writeFileSync(path, tar);
    const consumer = join(project, 'consumer.ts');
    const { stdout } = await run(process.execPath, [consumer, path, join(folder.path, 'none.yaml')]);
    expect(JSON.parse(stdout)).toEqual({
      root: plan.root,
      ok: true,
      items: 5,
      served: 5,
      planned: ['files', 'planned'],
      refused: 'ERR_SPEC_UNREADABLE',
    });
  });

  it('has a library with the verbs, their errors, and nothing else', async () => {
    const library: unknown = await import(pathToFileURL(join(dist, 'index.mjs')).href);
    expect(Object.keys(Object(library)).sort()).toEqual([
      'ProblemsError',
      'SaddlebagError',
      'UnprovenError',
      'buildBundle',
      'checkImages',
      'checkRegistriesFile',
      'convertBundle',
      'convertToTree',
      'diffBundles',
      'generateKeys',
      'inspectBundle',
      'installBundle',
      'listReceipts',
      'lockSpec',
      'makeKit',
      'makeParityFile',
      'processSurroundings',
      'prune',
      'pullBundle',
      'pushBundle',
      'repairBundle',
      'serveBundles',
      'signBundle',
      'specFrom',
      'uninstall',
      'verifyBundle',
      'writeConfig',
    ]);
  });
});

/** Nothing is at hand but the file itself: no network, no cache, no configuration of this user. */
async function npmInstall(args: readonly string[], cwd: string): Promise<void> {
  const cache = join(folder.path, 'cache');
  const options = ['--offline', '--no-audit', '--no-fund', '--cache', cache];
  await run('npm', ['install', ...options, ...args], { cwd, env: { PATH: pathWithNode(), HOME: cwd } });
}

/** Returns how much is loaded with a file before it does anything (bytes). */
function loadedBy(file: string): number {
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const [, to = ''] of readFileSync(path, 'utf8').matchAll(/(?:from|import)"(\.[^"]+)"/g))
      visit(join(dirname(path), to));
  };
  visit(join(dist, file));
  return [...seen].reduce((sum, path) => sum + statSync(path).size, 0);
}

/** The interpreter line looks `node` up: it must be the one that runs this test. */
function pathWithNode(): string {
  return `${join(process.execPath, '..')}:${process.env['PATH'] ?? ''}`;
}

function versionOf(): string {
  return String(Object(manifest()).version);
}

function enginesOf(): string {
  return String(Object(Object(manifest()).engines).node);
}

function manifest(): unknown {
  return JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
}
