import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** Test files that are run together. */
export interface TestRun {
  readonly files: readonly string[];
  /** Runs only the tests with such a name. */
  readonly pattern?: string | undefined;
}

/** Tests that take minutes, or that kill processes or fill disks: too slow to run for every mutant. */
const SLOW = /kill|fuzz|resume|faults|stops|every-writer|full-disk|peers|e2e|mutations/;
/** For a file that is imported everywhere, how many tests to run at a time (the smallest first). */
const MOST = 8;
/** By room, the tests of the rooms above it that use it as a user does. */
const USERS: readonly (readonly [room: string, tests: readonly string[]])[] = [
  [
    'src/targets/',
    [
      'test/verbs/install.test.ts',
      'test/verbs/install-releases.test.ts',
      'test/verbs/install-receipt.test.ts',
      'test/verbs/uninstall.test.ts',
    ],
  ],
  ['src/bundle/write/', ['test/bundle/write/write.test.ts', 'test/verbs/convert.test.ts']],
  [
    'src/archive/',
    ['test/archive/archives.test.ts', 'test/bundle/open.test.ts', 'test/verbs/repair.test.ts'],
  ],
  ['src/oci/', ['test/registry/contract.test.ts', 'test/targets/registry/registry.test.ts']],
  ['src/disk/', ['test/targets/files/files.test.ts', 'test/bundle/write/write.test.ts']],
];
/** One test covers all file writers for power failures. */
const POWER_CUT: TestRun = { files: ['test/disk/every-writer.test.ts'], pattern: 'after a power cut' };
const WRITERS = /^src\/(disk|bundle\/(output|write|volumes)|archive|targets)\//;

/** Returns the tests for the file `source`, in the order they are tried. */
export function testsOf(root: string, source: string): readonly TestRun[] {
  const mirror = join('test', relative('src', source).replace(/\.ts$/, '.test.ts'));
  const tests = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .map((path) => join('test', path))
    .filter((path) => path.endsWith('.test.ts') && !SLOW.test(path))
    .sort((left, right) => statSync(join(root, left)).size - statSync(join(root, right)).size);
  const importing = tests.filter((path) => path !== mirror && importsOf(root, path).includes(source));
  const near = [...tests.filter((path) => path === mirror), ...importing].slice(0, MOST);
  const folder = nearestFolder(root, dirname(mirror));
  const folders = [folder, ...(folder.split('/').length > 2 ? [dirname(folder)] : [])];
  const beside = folders.flatMap((each) =>
    tests.filter((path) => dirname(path) === each && !near.includes(path)).slice(0, MOST),
  );
  const tried = new Set([...near, ...beside]);
  const users = USERS.filter(([room]) => source.startsWith(room)).flatMap(([, files]) => files);
  const runs = [near, beside, users.filter((path) => !tried.has(path))].map((files): TestRun => ({ files }));
  return [...runs.filter(({ files }) => files.length > 0), ...(WRITERS.test(source) ? [POWER_CUT] : [])];
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
