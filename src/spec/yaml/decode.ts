import type { z } from 'zod';
import { SaddlebagError } from '../../internal/error.ts';
import type { ErrorCode } from '../../internal/error-code.ts';
import { formatCount } from '../../internal/format.ts';
import { isRecord } from '../../internal/json.ts';
import { nearest } from '../../internal/nearest.ts';
import { ProblemsError } from '../../internal/problems.ts';
import { adviceFor, describe, isSecret } from './describe-value.ts';
import { type Explanation, explainIssue } from './explain-issue.ts';
import { knownKeys } from './known-keys.ts';
import { formatPath, formatPlace, type Path, type Place } from './place.ts';
import { quote } from './quote.ts';
import { parseYamlText, type YamlText } from './text.ts';

/** A decoded YAML document, with the place of each part of it. */
export interface Decoded<T> {
  readonly value: T;
  readonly placeOf: (path: Path) => Place;
}

export interface YamlSource {
  /** Path as the user gave it. */
  readonly file: string;
  /** `spec`, `registries file` */
  readonly what: string;
  /** Code of every problem in it. */
  readonly code: ErrorCode;
}

/**
 * Decodes a YAML text with `schema`.
 *
 * @throws `ProblemsError` of `source.code` with every problem, each with `file:line:column`
 */
export function decodeYaml<T>(schema: z.ZodType<T>, text: string, source: YamlSource): Decoded<T> {
  return decodeYamlText(schema, parseYamlText(text, source.file), source);
}

/** Decodes a parsed YAML text with `schema`; throws as {@link decodeYaml}. */
export function decodeYamlText<T>(schema: z.ZodType<T>, yaml: YamlText, source: YamlSource): Decoded<T> {
  const { decoded, problems } = inspectYamlText(schema, yaml, source);
  if (decoded === undefined || problems.length > 0) throw cannotRead(source, problems);
  return { value: decoded.value, placeOf: yaml.placeOf };
}

/** A YAML text, its decoded value if there is one, and everything that is wrong with it. */
export interface InspectedYaml<T> {
  readonly yaml: YamlText;
  readonly decoded: { readonly value: T } | undefined;
  readonly problems: readonly Problem[];
}

/** Inspects a YAML text with `schema`. Never throws: what is wrong is in `problems`. */
export function inspectYaml<T>(schema: z.ZodType<T>, text: string, source: YamlSource): InspectedYaml<T> {
  return inspectYamlText(schema, parseYamlText(text, source.file), source);
}

/** Inspects a parsed YAML text with `schema`. Never throws. */
export function inspectYamlText<T>(
  schema: z.ZodType<T>,
  yaml: YamlText,
  source: YamlSource,
): InspectedYaml<T> {
  const faults = yaml.faults.map(({ place, fact, hint }) => ({ place, subject: source.what, fact, hint }));
  if (yaml.value === undefined) return { yaml, decoded: undefined, problems: faults };
  const decoded = schema.safeParse(yaml.value);
  if (decoded.success) return { yaml, decoded: { value: decoded.data }, problems: faults };
  const has = (path: Path): boolean => valueAt(yaml.value, path) !== undefined;
  const problems = decoded.error.issues
    .flatMap((issue) => explainIssue(issue, has))
    .map((explanation) => problemOf(explanation, { schema, yaml, source }));
  return { yaml, decoded: undefined, problems: [...faults, ...problems] };
}

/** One problem in a file. */
export interface Problem {
  readonly place: Place;
  /** What cannot be read there. */
  readonly subject: string;
  readonly fact: string;
  readonly hint?: string | undefined;
  /** Path of an unexpected value, or of the mapping with an unknown key. */
  readonly path?: Path | undefined;
  /** The key that is unknown. */
  readonly unknownKey?: string | undefined;
}

/** Returns the error for a file with these problems, in the order of the file and of those that it includes. */
export function cannotRead(source: YamlSource, problems: readonly Problem[]): ProblemsError {
  const message = `Cannot read ${source.what} ${JSON.stringify(source.file)}: ${formatCount(problems.length, 'problem')}`;
  return new ProblemsError(source.code, message, {
    problems: inOrder(problems, source.file).map((problem) => errorOf(problem, source)),
  });
}

/** Returns problems in the order of their places; those of `first` come before those of other files. */
export function inOrder(problems: readonly Problem[], first: string): readonly Problem[] {
  const files = [...new Set([first, ...problems.map(({ place }) => place.file)])];
  return problems.toSorted(
    ({ place: left }, { place: right }) =>
      files.indexOf(left.file) - files.indexOf(right.file) ||
      left.line - right.line ||
      left.column - right.column,
  );
}

/** Returns the error for one problem. */
export function errorOf(
  { place, subject, fact, hint }: Problem,
  { code }: Pick<YamlSource, 'code'>,
): SaddlebagError {
  return new SaddlebagError(code, `Cannot read ${subject} at ${formatPlace(place)}: ${fact}`, { hint });
}

function problemOf(
  explanation: Explanation,
  context: { readonly schema: z.ZodType; readonly yaml: YamlText; readonly source: YamlSource },
): Problem {
  const { schema, yaml, source } = context;
  const { path, key = '', text, kind } = explanation;
  const subject = path.length === 0 ? source.what : `"${formatPath(yaml.pathOf(path))}"`;
  if (kind === 'unknown-key') return unknownKey(path, key, { schema, yaml });
  // Does not repeat the key: in place of a plain one, it may hold a credential.
  if (kind === 'wrong-key')
    return { place: yaml.placeOfKey(path, key), subject, fact: `a key is not ${text}` };
  const place = yaml.placeOf(path);
  if (kind === 'missing-key')
    return { place, subject, fact: `the key "${key}" is missing, expected ${text}` };
  if (explanation.complete === true) return { place, subject, fact: text, hint: explanation.hint };
  const value = valueAt(yaml.value, path);
  const written = isSecret(path) ? undefined : yaml.sourceOf(path);
  // A key may be missing, or another may be meant.
  const keys = [...knownKeys(schema, path), ...knownKeys(schema, path.slice(0, -1))];
  return {
    place,
    subject,
    fact: `expected ${text}, found ${describe(value, path)}`,
    hint: adviceFor(text, { value, source: written, keys }),
    path,
  };
}

function unknownKey(
  path: Path,
  key: string,
  context: { readonly schema: z.ZodType; readonly yaml: YamlText },
): Problem {
  const shown = context.yaml.pathOf(path);
  const known = knownKeys(context.schema, path);
  const near = nearest(key, known);
  return {
    place: context.yaml.placeOfKey(path, key),
    subject: `key ${quote(key)}`,
    fact: shown.length === 0 ? 'there is no such key' : `there is no such key in "${formatPath(shown)}"`,
    hint: near === undefined ? `Known keys here: ${known.join(', ')}.` : `Did you mean "${near}"?`,
    path,
    unknownKey: key,
  };
}

/** Returns the value at a path of a document, or `undefined` when there is none. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, step) => {
    if (Array.isArray(at)) return at[Number(step)];
    return isRecord(at) && Object.hasOwn(at, step) ? at[String(step)] : undefined;
  }, value);
}
