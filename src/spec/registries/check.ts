import { isRecord } from '../../internal/json.ts';
import { inspectYaml, type Problem, valueAt } from '../yaml/decode.ts';
import { formatPath, formatPlace, type Path, type Place } from '../yaml/place.ts';
import { quote } from '../yaml/quote.ts';
import { registriesSource } from './source.ts';
import { adviceOnKey, isMisplacedKey } from './advice.ts';
import { meaningOf } from './meaning.ts';
import { checkCertificates } from './certificates.ts';
import type { Note } from './note.ts';
import type { PlacedFinding } from './placed-finding.ts';
import { type Registries, registriesSchema } from './schema.ts';
import type { YamlText } from '../yaml/text.ts';

/**
 * Returns everything in a `registries.yaml` that K3s would ignore, refuse or read differently, in the order of the file.
 * `error` means that it has no effect, or keeps K3s from starting. No value under `auth` is repeated.
 *
 * @visibleForTesting
 */
export function checkRegistries(text: string, file: string): readonly PlacedFinding[] {
  const { yaml, problems } = inspectYaml(registriesSchema, text, registriesSource(file));
  const found = [
    ...problems.map((problem) => fromProblem(problem, yaml.value)),
    ...notesOn(yaml.value).map((note) => fromNote(note, yaml)),
  ];
  return found.toSorted((left, right) => left.line - right.line || left.column - right.column);
}

/**
 * Returns what {@link checkRegistries} returns, with what is wrong with the certificates and keys that the file names, as far as
 * this host has them.
 */
export async function checkWithCertificates(text: string, file: string): Promise<readonly PlacedFinding[]> {
  const found = [...checkRegistries(text, file), ...(await checkCertificates(text, file))];
  return found.toSorted((left, right) => left.line - right.line || left.column - right.column);
}

/** Returns what K3s would read differently in registries that are valid for Saddlebag. */
export function registriesWarnings(
  registries: Registries,
  placeOf: (path: Path) => Place,
): readonly PlacedFinding[] {
  // Such a file may be for this host alone, where only Saddlebag reads it.
  const notes = meaningOf(registries).filter(({ reader }) => reader === undefined);
  return notes.map((note) => {
    const { path, key, fact, hint } = note;
    const place = placeOf(key === undefined ? path : [...path, key]);
    return findingAt(place, 'warning', `${subjectOf(note)}: ${fact}`, hint);
  });
}

function fromProblem(problem: Problem, value: unknown): PlacedFinding {
  const { place, subject, fact, path = [], unknownKey } = problem;
  if (unknownKey === undefined) {
    const isScalar = ['number', 'boolean'].includes(typeof valueAt(value, path));
    // Go accepts a bare number where it wants text.
    const level = isScalar && fact.startsWith('expected text') ? 'warning' : 'error';
    return findingAt(place, level, `${subject}: ${fact}`, problem.hint);
  }
  if (path.length === 0 && unknownKey === 'auths')
    return findingAt(
      place,
      'warning',
      `${subject}: it is deprecated`,
      'Write "auth" under "configs" and the host.',
    );
  const hint = adviceOnKey(path, unknownKey) ?? problem.hint;
  return findingAt(place, 'error', `${subject}: K3s ignores it, ${fact}`, hint);
}

function notesOn(value: unknown): readonly Note[] {
  return [...emptiness(value), ...misplacedKeys(value), ...placeholders(value), ...meaningOf(value)];
}

/** A file that lost its indentation is still valid YAML, but means nothing. */
function emptiness(value: unknown): readonly Note[] {
  if (value === undefined) return [];
  const isEmpty = (key: string): boolean => !isRecord(value) || (value[key] ?? null) === null;
  if (!isEmpty('mirrors') || !isEmpty('configs')) return [];
  const isFlat = isRecord(value) && Object.keys(value).length > 0;
  return [
    {
      level: isFlat ? 'error' : 'warning',
      path: [],
      fact: 'the whole file has no effect: nothing is under "mirrors" or "configs"',
      hint: isFlat ? 'What belongs to them must be indented below them.' : undefined,
    },
  ];
}

function misplacedKeys(value: unknown): readonly Note[] {
  return ['mirrors', 'configs'].flatMap((section) => {
    const entries = valueAt(value, [section]);
    if (!isRecord(entries)) return [];
    return Object.keys(entries)
      .filter(isMisplacedKey)
      .map((key): Note => {
        const hint = adviceOnKey([section], key);
        const fact = 'K3s takes it for the name of a host';
        return { level: 'error', path: [section], key, fact, hint };
      });
  });
}

/** Saddlebag expands these when it reads such a file; K3s does not. */
function placeholders(value: unknown): readonly Note[] {
  const configs = valueAt(value, ['configs']);
  return Object.entries(isRecord(configs) ? configs : {}).flatMap(([host, config]) => {
    const auth: unknown = isRecord(config) ? config['auth'] : undefined;
    const keys = Object.entries(isRecord(auth) ? auth : {}).filter(
      ([, text]) => typeof text === 'string' && /\$\{\w+\}/.test(text),
    );
    return keys.map(([key]): Note => ({
      level: 'warning',
      path: ['configs', host, 'auth', key],
      fact: 'K3s expands no variables and takes this as it is written',
      hint: 'Put the value in before the file goes to a node.',
    }));
  });
}

function fromNote(note: Note, yaml: YamlText): PlacedFinding {
  const { level, path, key, fact, hint } = note;
  const place = key === undefined ? yaml.placeOf(path) : yaml.placeOfKey(path, key);
  return findingAt(place, level, `${subjectOf(note)}: ${fact}`, hint);
}

/** Returns the subject of a note, without secrets. */
function subjectOf({ path, key }: Note): string {
  if (key !== undefined) return `key ${quote(key)}`;
  return path.length === 0 ? 'registries file' : quote(formatPath(path));
}

function findingAt(
  place: Place,
  level: 'error' | 'warning',
  text: string,
  hint: string | undefined,
): PlacedFinding {
  const { line, column } = place;
  const message = `${formatPlace(place)}: ${text}`;
  return { level, message, hint, line, column };
}
