/**
 * Bundles the program into the files that the package ships: `dist/main.js`, the entry point; `dist/program.mjs`, the program
 * behind it; `dist/index.mjs`, the library, with its types; and the parts that these load on demand. A first argument names
 * another folder than `dist`.
 */
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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

/** Some CommonJS dependencies call `require` for Node.js modules, which an ES module does not have. */
const REQUIRE = [
  "import { createRequire as createRequireOfNode } from 'node:module';",
  'const require = createRequireOfNode(import.meta.url);',
].join('\n');

const OPTIONS: BuildOptions = {
  platform: 'node',
  format: 'esm',
  outdir: DIST,
  // Names are not minified, so that stack traces in bug reports stay readable.
  minifyWhitespace: true,
  minifySyntax: true,
  logLevel: 'warning',
};

/** Values computed once at build time and not in every run: the version, and the help pages. */
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

/**
 * The parts of undici that the program uses. Its index would load caches, mocks, WebSockets and `fetch` as well: a megabyte of code
 * in every process. A name that is imported and not here fails the build.
 */
const UNDICI = `
export { default as buildConnector } from './lib/core/connect.js';
export { default as errors } from './lib/core/errors.js';
export { default as Pool } from './lib/dispatcher/pool.js';
export { default as ProxyAgent } from './lib/dispatcher/proxy-agent.js';
`;

/** HTTP/2, which it loads with these, and our pools do not offer; Node.js would load its own with it. */
const HTTP2 = /[\\/]node_modules[\\/]undici[\\/]lib[\\/]dispatcher[\\/]client-h2\.js$/;

const fewOfUndici: Plugin = {
  name: 'few-of-undici',
  setup: (building) => {
    building.onLoad({ filter: HTTP2 }, () => ({
      contents: `module.exports = () => { throw new Error('HTTP/2 is not a part of this program'); };`,
      loader: 'js',
    }));
    building.onLoad({ filter: /[\\/]node_modules[\\/]undici[\\/]index\.js$/ }, ({ path }) => ({
      contents: UNDICI,
      loader: 'js',
      resolveDir: dirname(path),
    }));
  },
};

/** The entry point is built separately from the program it loads, because its syntax must be older. */
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
  // A Node.js too old for it never reaches the import.
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
  // Licences go into a separate file.
  legalComments: 'none',
  entryPoints: {
    program: join(ROOT, 'src', 'program.ts'),
    index: join(ROOT, 'src', 'index.ts'),
    // Beside the pool that starts it.
    'parts/hash-worker': join(ROOT, 'src', 'disk', 'hash', 'worker.ts'),
    // The first file of a kit's program.
    start: join(ROOT, 'src', 'kit', 'start.ts'),
  },
  chunkNames: 'parts/[name]-[hash]',
  // Copied without `package.json`, the files must still load as modules.
  outExtension: { '.js': '.mjs' },
  banner: { js: REQUIRE },
  plugins: [workedOut, fewOfUndici],
  // Undici leaves out a second parser for HTTP/1, which it tries out, where this name is there.
  define: { esbuildDetection: 'true' },
});
await writeFile(join(DIST, 'bundle.1'), manPage(await loadPages(), VERSION));
await copyFile(join(ROOT, 'LICENSE'), join(DIST, 'LICENSE'));
await writeFile(join(DIST, 'licences.txt'), await licencesOf(ROOT, metafile));
await writeFile(join(DIST, 'index.d.mts'), await declarations());
await chmod(MAIN, 0o755);
await smoke();

/** @throws when a signature names a type that nobody can import */
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

/** Starts what ships: a build can succeed and still lack a module. */
async function smoke(): Promise<void> {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, '--version']);
  const names = await readdir(DIST, { recursive: true });
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(DIST, name))).size));
  const size = sizes.reduce((sum, one) => sum + one, 0);
  console.log(`${MAIN} ${stdout.trim()}, ${names.length} files, ${(size / 1024).toFixed(0)} KiB`);
}
