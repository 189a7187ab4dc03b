import type { z } from 'zod';
import type { Path } from './place.ts';

/** A schema issue in words. */
export interface Explanation {
  readonly path: Path;
  /** Set when the problem is a key, not the value at `path`. */
  readonly key?: string | undefined;
  readonly kind: 'unknown-key' | 'missing-key' | 'wrong-key' | 'value';
  /** What was expected, for a value; the whole fact when `complete` is set. */
  readonly text: string;
  readonly complete?: boolean | undefined;
  readonly hint?: string | undefined;
}

type Issue = z.core.$ZodIssue;
/** Returns whether a value exists at a path of the document. */
type Has = (path: Path) => boolean;

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  null: 'nothing',
};

/** Returns an issue of the schema library in our words; unknown keys and unions become several. */
export function explainIssue(issue: Issue, has: Has): readonly Explanation[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path, key, kind: 'unknown-key', text: '' }));
  if (issue.code === 'invalid_union') return explainUnion(issue, has);
  if (issue.code === 'invalid_key')
    return [{ path: path.slice(0, -1), key: String(path.at(-1)), kind: 'wrong-key', text: wordsOf(issue) }];
  if (issue.code === 'custom')
    return [{ path, kind: 'value', text: issue.message, complete: true, hint: hintOf(issue.params) }];
  if (has(path)) return [{ path, kind: 'value', text: expectedBy(issue) }];
  return [
    { path: path.slice(0, -1), key: String(path.at(-1)), kind: 'missing-key', text: expectedBy(issue) },
  ];
}

/** Explains the alternative of the right type whose keys fit best, then the one with the fewest errors; when no type fits, lists all that would. */
function explainUnion(issue: Extract<Issue, { code: 'invalid_union' }>, has: Has): readonly Explanation[] {
  const alternatives: readonly (readonly Issue[])[] = issue.errors;
  const [nearest] = alternatives
    .filter((issues) => !issues.some(isWrongType))
    .map((issues) =>
      issues.flatMap((inner) => explainIssue({ ...inner, path: [...issue.path, ...inner.path] }, has)),
    )
    .sort(
      (left, right) => misfits(left, issue.path) - misfits(right, issue.path) || left.length - right.length,
    );
  if (nearest !== undefined) return nearest;
  const expected = new Set(alternatives.flat().filter(isWrongType).map(expectedBy));
  return [{ path: issue.path, kind: 'value', text: [...expected].join(' or ') }];
}

/** The keys of a mapping say which alternative is meant, whatever is wrong with their values. */
function misfits(explained: readonly Explanation[], at: Issue['path']): number {
  return explained.filter(({ kind, path }) => kind !== 'value' && path.length === at.length).length;
}

function isWrongType(issue: Issue): boolean {
  return issue.code === 'invalid_type' && issue.path.length === 0;
}

function expectedBy(issue: Issue): string {
  if (issue.code === 'invalid_type') return TYPES[issue.expected] ?? issue.expected;
  if (issue.code === 'invalid_value') return issue.values.map((value) => JSON.stringify(value)).join(' or ');
  if (issue.code === 'too_small' && isNumeric(issue.origin)) return `a number of at least ${issue.minimum}`;
  if (issue.code === 'too_big' && isNumeric(issue.origin)) return `a number up to ${issue.maximum}`;
  if (issue.code === 'too_small')
    return issue.origin === 'array' ? `at least ${issue.minimum} entry` : 'text that is not empty';
  if (issue.code === 'too_big')
    return `at most ${issue.maximum} ${issue.origin === 'array' ? 'entries' : 'characters'}`;
  // The message of a pattern is its description in the schema.
  return issue.code === 'invalid_format' && issue.format === 'url' ? 'an http or https URL' : issue.message;
}

function isNumeric(origin: string): boolean {
  return origin === 'number' || origin === 'int';
}

function wordsOf({ issues }: Extract<Issue, { code: 'invalid_key' }>): string {
  return issues.map(({ message }) => message).join(', ');
}

function hintOf(params: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const hint = params?.['hint'];
  return typeof hint === 'string' ? hint : undefined;
}
