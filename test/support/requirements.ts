import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXAMPLES, listedExamples } from './archives/example-bundles.ts';

const SPEC = join(EXAMPLES, '..');
const TESTS = join(import.meta.dirname, '..');
const NUMBER = /\bB-[A-Z]+-\d+\b/g;

/** Returns the pages of the specification by name. */
export function specPages(): ReadonlyMap<string, string> {
  const names = readdirSync(SPEC).filter((name) => name.endsWith('.md'));
  return new Map(names.map((name) => [name, readFileSync(join(SPEC, name), 'utf8')]));
}

/** Returns the numbers of all requirements in the order of `conformance.md`. */
export function requirements(): readonly string[] {
  const text = specPages().get('conformance.md') ?? '';
  return [...text.matchAll(/^\* \*\*(B-[A-Z]+-\d+)\*\* \((?:W|R|W, R)\) /gm)].map(
    ([, number = '']) => number,
  );
}

/** Returns the numbers that a text names. */
export function numbersIn(text: string): readonly string[] {
  return [...text.matchAll(NUMBER)].map(([number]) => number);
}

/** Returns the numbers that tests name: in a title, as `[B-TAR-4]`, or by an example that is run by its path. */
export function testedNumbers(): readonly string[] {
  const files = readdirSync(TESTS, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.test.ts'),
  );
  const titles = files.flatMap((file) => {
    const lines = readFileSync(join(TESTS, file), 'utf8').split('\n');
    return lines.flatMap((line) =>
      [...line.matchAll(/\[(B-[A-Z]+-\d+)\]/g)].map(([, number = '']) => number),
    );
  });
  return [...titles, ...listedExamples('invalid').map(({ requirement = '' }) => requirement)];
}
