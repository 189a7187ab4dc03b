/**
 * Runs tests again and again in one process, so that the runner and all that it has transformed stay warm. It is told by messages
 * of its parent what has changed and what to run, and answers each with the first failure.
 */
import process from 'node:process';
import { BaseSequencer, createVitest, type TestSpecification } from 'vitest/node';

/** What the parent asks for. */
export interface TestOrder {
  /** Files whose text has changed since the last order. */
  readonly changed: readonly string[];
  /** Test files, by absolute path. */
  readonly tests: readonly string[];
  /** Runs only the tests with such a name. */
  readonly pattern?: string | undefined;
}

/** What came of it. */
export interface TestOutcome {
  readonly passed: boolean;
  /** The first test that failed; empty when a whole file did. */
  readonly by: string;
  /** The file that it is in. */
  readonly file?: string | undefined;
}

/** Keeps the order that is asked for, the likely and quick ones first; by itself the runner begins with the longest. */
class AsAsked extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files;
  }
}

/** Most of what a test file costs is loading the program, which the files of one order share: they leave nothing behind. */
const vitest = await createVitest('test', {
  watch: false,
  bail: 1,
  maxWorkers: 1,
  isolate: false,
  testTimeout: 30_000,
  sequence: { sequencer: AsAsked },
  reporters: [{}],
});
await vitest.standalone();

process.on('message', (order: TestOrder) => void answer(order));
process.on('disconnect', () => process.exit());
process.send?.('ready');

async function answer({ changed, tests, pattern }: TestOrder): Promise<void> {
  for (const file of changed) vitest.invalidateFile(file);
  if (pattern === undefined) vitest.resetGlobalTestNamePattern();
  else vitest.setGlobalTestNamePattern(pattern);
  const project = vitest.getRootProject();
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(
    tests.map((file) => project.createSpecification(file)),
  );
  // The runner goes on telling of files that failed in an earlier order.
  const failed = testModules.filter((module) => tests.includes(module.moduleId) && !module.ok());
  const first = failed.flatMap((module) => [...module.children.allTests('failed')]).at(0);
  const outcome: TestOutcome = {
    passed: failed.length === 0 && unhandledErrors.length === 0,
    by: first?.name ?? '',
    file: failed[0]?.moduleId,
  };
  process.exitCode = 0;
  await dropWorkers();
  process.send?.(outcome);
}

/** Workers keep what they have loaded, and the next order is about another text. */
async function dropWorkers(): Promise<void> {
  const pool: unknown = Reflect.get(vitest, 'pool');
  if (isClosable(pool)) await pool.close();
  Reflect.set(vitest, 'pool', undefined);
}

function isClosable(value: unknown): value is { close(): Promise<void> } {
  return typeof value === 'object' && value !== null && 'close' in value;
}
