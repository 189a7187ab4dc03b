import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exampleFiles } from '../../scripts/examples/all.ts';
import { failureOf, problemsIn } from '../support/failure.ts';
import { parseWholeLock } from '../support/samples/sample-lock.ts';
import { EXAMPLES, faultsOfExample, listedExamples } from '../support/archives/example-bundles.ts';

describe('the examples of the format', () => {
  it('are what "npm run examples" writes, and nothing else', async () => {
    const expected = await exampleFiles();
    const found = readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' }).filter((path) =>
      statSync(join(EXAMPLES, path)).isFile(),
    );
    expect(found.sort()).toEqual([...expected.keys()].sort());
    expect(found.filter((path) => !isSame(readFileSync(join(EXAMPLES, path)), expected.get(path)))).toEqual(
      [],
    );
  });

  it('are the same each time they are made [B-LAYOUT-9]', async () => {
    const [first, second] = [await exampleFiles(), await exampleFiles()];
    expect([...first].filter(([path, bytes]) => !isSame(bytes, second.get(path)))).toEqual([]);
  });
});

describe('a valid example', () => {
  it.each(listedExamples('valid'))('$path is accepted: $what', async (example) => {
    expect(await faultsOfExample(example)).toEqual([]);
  });
});

describe('an invalid example', () => {
  it.each(listedExamples('invalid'))('$path is refused: $what', async (example) => {
    const { path, requirement = '', code = '', says = '' } = example;
    const faults = await faultsOfExample(example);
    expect(faults.filter((fault) => fault.startsWith(`${code} `) && fault.includes(says))).not.toEqual([]);
    // What is said is about this and not about what follows from it.
    expect(faults.length).toBeLessThan(10);
    expect(requirement).toMatch(/^B-[A-Z]+-\d+$/);
    expect(path).toContain(requirement);
  });
});

describe('a lock that is an invalid example', () => {
  it.each(listedExamples('locks'))('$path is refused: $what', async ({ path, says = '' }) => {
    const text = readFileSync(join(EXAMPLES, path), 'utf8');
    const error = await failureOf(() => parseWholeLock(text, 'lab.lock.json'));
    expect(error.code).toBe('ERR_LOCK_INVALID');
    expect([error.message, ...problemsIn(error)].join('\n')).toContain(says);
  });
});

function isSame(left: Uint8Array, right: Uint8Array | undefined): boolean {
  return right !== undefined && Buffer.from(left).equals(right);
}
