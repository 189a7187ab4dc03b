/**
 * Bundles the program into the files that the package ships: `dist/main.js`, the door, `dist/program.mjs`, the program behind
 * it, `dist/index.mjs`, the library with its types, and the parts that these load when they need them. A first argument names
 * another folder than `dist`.
 */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build, type BuildOptions, type Plugin } from 'esbuild';
import { manPage } from '../src/cli/man-page.ts';
import { loadPages } from '../src/cli/pages.ts';
import { VERSION } from '../src/version.ts';
import { emitDeclarations, joinDeclarations } from './build/declarations.ts';
import { licencesOf } from './build/licences.ts';

const ROOT = join(import.meta.dirname, '..');
const DIST = process.argv[2] ?? join(ROOT, 'dist');
const MAIN = join(DIST, 'main.js');

/** Some dependencies are CommonJS and call `require` for modules of Node, which an ES module does not have. */
const REQUIRE = [
  "import { createRequire as createRequireOfNode } from 'node:module';",
  'const require = createRequireOfNode(import.meta.url);',
].join('\n');

const OPTIONS: BuildOptions = {
  platform: 'node',
  format: 'esm',
  outdir: DIST,
  // Names stay whole, so that the stack of a bug report can be read.
  minifyWhitespace: true,
  minifySyntax: true,
  logLevel: 'warning',
};

/** What is worked out once, here, and not by every run: the version, and what help says. */
const WORKED_OUT: Readonly<Record<string, string>> = {
  'version.ts': `export const VERSION = ${JSON.stringify(VERSION)};`,
  'cli/pages.ts': `const PAGES = ${JSON.stringify(await loadPages())}; export const loadPages = async () => PAGES;`,
};

const workedOut: Plugin = {
  name: 'worked-out',
  setup: (building) => {
    for (const [file, contents] of Object.entries(WORKED_OUT)) {
      const path = join(ROOT, 'src', file).replaceAll(/[\\.]/g, String.raw`\$&`);
      building.onLoad({ filter: new RegExp(`^${path}$`) }, () => ({ contents, loader: 'js' }));
    }
  },
};

/** The door opens what ships beside it, and is no part of that: its syntax is older. */
const door: Plugin = {
  name: 'door',
  setup: (building) => {
    building.onResolve({ filter: /\/program\.ts$/ }, () => ({ path: './program.mjs', external: true }));
  },
};

await rm(DIST, { recursive: true, force: true });
await build({
  ...OPTIONS,
  bundle: true,
  target: 'node12',
  // Whichever is too old to have it never gets there.
  supported: { 'dynamic-import': true },
  entryPoints: [join(ROOT, 'src', 'main.ts')],
  plugins: [door],
});
const { metafile } = await build({
  ...OPTIONS,
  bundle: true,
  splitting: true,
  metafile: true,
  absWorkingDir: ROOT,
  target: 'node22',
  // The licences are in a file of their own.
  legalComments: 'none',
  entryPoints: {
    program: join(ROOT, 'src', 'program.ts'),
    index: join(ROOT, 'src', 'index.ts'),
    // Beside the pool that starts it.
    'parts/hash-worker': join(ROOT, 'src', 'disk', 'hash', 'worker.ts'),
  },
  chunkNames: 'parts/[name]-[hash]',
  // Copied alone, without `package.json`, they are modules all the same.
  outExtension: { '.js': '.mjs' },
  banner: { js: REQUIRE },
  plugins: [workedOut],
});
await writeFile(join(DIST, 'bundle.1'), manPage(await loadPages(), VERSION));
await writeFile(join(DIST, 'licences.txt'), await licencesOf(ROOT, metafile));
await writeFile(join(DIST, 'index.d.mts'), await declarations());
await chmod(MAIN, 0o755);
await smoke();

/** @throws when a signature names a type that nobody could import */
async function declarations(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'saddlebag-types-'));
  try {
    await emitDeclarations(ROOT, folder);
    const { text, unexported } = await joinDeclarations(folder);
    if (unexported.length === 0) return text;
    throw new Error(`src/index.ts does not export ${unexported.join('; ')}`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What ships must start: a bundle can be written and still miss a module. */
async function smoke(): Promise<void> {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, '--version']);
  const names = await readdir(DIST, { recursive: true });
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(DIST, name))).size));
  const size = sizes.reduce((sum, one) => sum + one, 0);
  console.log(`${MAIN} ${stdout.trim()}, ${names.length} files, ${(size / 1024).toFixed(0)} KiB`);
}
