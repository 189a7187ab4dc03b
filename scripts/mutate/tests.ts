import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** Tests that take minutes, or that kill processes or fill disks: too slow to run for every mutant. */
const SLOW = /kill|fuzz|resume|faults|stops|every-writer|full-disk|peers|e2e|mutations/;
/** For a file that is imported everywhere, how many tests to run at a time (the smallest first). */
const MOST = 8;
/** Tests that use the targets as a user does. */
const VERBS: readonly string[] = ['test/verbs/install.test.ts', 'test/verbs/uninstall.test.ts'];
/** One test covers all file writers for power failures. */
const POWER_CUT: readonly string[] = [
  'test/disk/every-writer.test.ts',
  '--testNamePattern=after a power cut',
];
const WRITERS = /^src\/(disk|bundle\/(output|write|volumes)|archive|targets)\//;

/** Returns the tests for the file `source` in the order they are tried: the test runner's arguments for each attempt. */
export function testsOf(root: string, source: string): readonly (readonly string[])[] {
  const mirror = join('test', relative('src', source).replace(/\.ts$/, '.test.ts'));
  const tests = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .map((path) => join('test', path))
    .filter((path) => path.endsWith('.test.ts') && !SLOW.test(path))
    .sort((left, right) => statSync(join(root, left)).size - statSync(join(root, right)).size);
  const importing = tests.filter((path) => path !== mirror && importsOf(root, path).includes(source));
  const near = [...tests.filter((path) => path === mirror), ...importing].slice(0, MOST);
  const folder = nearestFolder(root, dirname(mirror));
  const beside = tests.filter((path) => dirname(path) === folder && !near.includes(path)).slice(0, MOST);
  const verbs = source.startsWith('src/targets/') ? VERBS : [];
  return [near, beside, verbs, WRITERS.test(source) ? POWER_CUT : []].filter((each) => each.length > 0);
}

function importsOf(root: string, path: string): readonly string[] {
  const text = readFileSync(join(root, path), 'utf8');
  return [...text.matchAll(/from '(\.[^']+)'/g)].map(([, target = '']) =>
    relative(root, resolve(root, dirname(path), target)),
  );
}

/** A subfolder may be tested through the interface of the room above it. */
function nearestFolder(root: string, folder: string): string {
  return existsSync(join(root, folder)) || folder === 'test' ? folder : nearestFolder(root, dirname(folder));
}
