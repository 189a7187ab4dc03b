/**
 * Bundles the program into the files that the package ships: `dist/main.js`, the program, and `dist/index.js`, the library.
 * A first argument names another folder than `dist`.
 */
import { execFile } from 'node:child_process';
import { chmod, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build, type BuildOptions } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');
const DIST = process.argv[2] ?? join(ROOT, 'dist');
const MAIN = join(DIST, 'main.js');

/** Some dependencies are CommonJS and call `require` for modules of Node, which an ES module does not have. */
const REQUIRE = [
  "import { createRequire as createRequireOfNode } from 'node:module';",
  'const require = createRequireOfNode(import.meta.url);',
].join('\n');

const OPTIONS: BuildOptions = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  // Names stay whole, so that the stack of a bug report can be read.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'linked',
  logLevel: 'warning',
};

await rm(DIST, { recursive: true, force: true });
await build({
  ...OPTIONS,
  entryPoints: [join(ROOT, 'src', 'main.ts')],
  outfile: MAIN,
  // esbuild keeps the interpreter line of the source on top, above the banner.
  banner: { js: REQUIRE },
});
await build({
  ...OPTIONS,
  entryPoints: [join(ROOT, 'src', 'index.ts')],
  outfile: join(DIST, 'index.js'),
  banner: { js: REQUIRE },
});
await chmod(MAIN, 0o755);
await smoke();

/** What ships must start: a bundle can be written and still miss a module. */
async function smoke(): Promise<void> {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, '--version']);
  const { size } = await stat(MAIN);
  console.log(`${MAIN} ${stdout.trim()}, ${(size / 1024).toFixed(0)} KiB`);
}
