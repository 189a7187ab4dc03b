import { isAlias, isCollection, isNode, LineCounter, parseAllDocuments, parseDocument } from 'yaml';
import { yamlValue } from './value.ts';

/** A values file shares a block or two by anchors; a YAML bomb needs many. */
const ALIAS_LIMIT = 1000;

/**
 * Returns a YAML text with every scalar as the string that was written, so that `tag: 1.10` is `1.10` and not 1.1. Merge keys
 * are followed. `undefined` when the text cannot be parsed.
 */
export function textValues(text: string): unknown {
  try {
    const document = parseDocument(text, OPTIONS);
    return document.errors.length > 0 ? undefined : yamlValue(document, { repeats: ALIAS_LIMIT });
  } catch {
    // Too many aliases, an undefined alias, or nesting deeper than the stack: in any case no values file.
    return undefined;
  }
}

/** Returns each document of a YAML stream, parsed the same way; `undefined` when one cannot be parsed. */
export function textDocuments(text: string): readonly unknown[] | undefined {
  try {
    const documents = [...parseAllDocuments(text, OPTIONS)];
    if (documents.some(({ errors }) => errors.length > 0)) return undefined;
    return documents.map((document): unknown => yamlValue(document, { repeats: ALIAS_LIMIT }));
  } catch {
    return undefined;
  }
}

/** A document of YAML that knows where it was written. */
export interface PlacedDocument {
  readonly value: unknown;
  /** Returns the line of a value, from 1; where the path leads on into a text, the line of that text. */
  readonly lineOf: (path: readonly (string | number)[]) => number;
}

/** Aliases that objects written by people or programs may have; what they repeat is read once, so that many cost little. */
const SHARED_LIMIT = 100_000;

/** Returns one YAML document, parsed the same way, with its places; for one that cannot be parsed, why and in which line. */
export function placedDocument(
  text: string,
): PlacedDocument | { readonly fact: string; readonly line: number } {
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { ...OPTIONS, lineCounter: lines });
    const [error] = document.errors;
    if (error !== undefined) return { fact: error.message, line: lines.linePos(error.pos[0]).line };
    const value: unknown = yamlValue(document, { repeats: SHARED_LIMIT });
    const lineOf = (path: readonly (string | number)[]): number => {
      let [node, start]: [unknown, number] = [document.contents, 0];
      for (const step of path) {
        const place: unknown = isAlias(node) ? node.resolve(document) : node;
        const next: unknown = isCollection(place) ? place.get(step, true) : undefined;
        if (!isNode(next)) break;
        [node, start] = [next, next.range?.[0] ?? start];
      }
      return lines.linePos(start).line;
    };
    return { value, lineOf };
  } catch (error) {
    // Too many aliases, an undefined alias, or nesting deeper than the stack.
    return { fact: error instanceof Error ? error.message : 'it cannot be read', line: 1 };
  }
}

/** Returns a scalar as a string, or `undefined` when it is missing or empty. */
export function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  return ['', '~', 'null', 'Null', 'NULL'].includes(text) ? undefined : text;
}

const OPTIONS = {
  schema: 'failsafe',
  merge: true,
  prettyErrors: false,
  uniqueKeys: false,
  logLevel: 'error',
} as const;
