import { type Document, isScalar, LineCounter, parseAllDocuments, parseDocument } from 'yaml';
import { yamlValue } from '../../internal/yaml/value.ts';
import type { Path, Place } from './place.ts';
import { danglingAliases, duplicateKeys, syntaxFaults, type YamlFault } from './faults.ts';
import { keyNode, nodeAt, nodeNear, startOf } from './nodes.ts';

/** A YAML text, with the place of each part of its value. */
export interface YamlText {
  /** Errors in the YAML itself. */
  readonly faults: readonly (YamlFault & { readonly place: Place })[];
  /** `undefined` when the faults leave no value. */
  readonly value: unknown;
  /** Returns the place of a value, or of the nearest existing node around it. */
  readonly placeOf: (path: Path) => Place;
  /** Returns the place of a key of the mapping at `path`. */
  readonly placeOfKey: (path: Path, key: string) => Place;
  /** Returns a scalar as written: `1.30`, whose value is the number 1.3. */
  readonly sourceOf: (path: Path) => string | undefined;
  /** Returns the path that a value has in its own file, which differs from `path` where several files are joined. */
  readonly pathOf: (path: Path) => Path;
}

/** Sharing a list of versions needs a handful of aliases; a YAML bomb needs many. */
const ALIAS_LIMIT = 100;

const OPTIONS = { prettyErrors: false, uniqueKeys: false } as const;

/** Parses a text as YAML 1.2. Never throws: what is wrong is in `faults`. */
export function parseYamlText(text: string, file: string): YamlText {
  const lines = new LineCounter();
  return yamlTextOf(parseDocument(text, { lineCounter: lines, ...OPTIONS }), { file, lines });
}

/** Parses a text that may hold several documents, and returns those that are not empty. Never throws. */
export function parseYamlTexts(text: string, file: string): readonly YamlText[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, ...OPTIONS });
  const texts = Array.isArray(documents)
    ? documents.map((document) => yamlTextOf(document, { file, lines }))
    : [];
  return texts.filter(({ value, faults }) => value !== null || faults.length > 0);
}

function yamlTextOf(
  document: Document,
  { file, lines }: { readonly file: string; readonly lines: LineCounter },
): YamlText {
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const { value, faults } = valueOf(document);
  return {
    value,
    faults: faults.map((fault) => ({ ...fault, place: placeAt(fault.offset) })),
    placeOf: (path) => placeAt(startOf(nodeNear(document, path))),
    placeOfKey: (path, key) => placeAt(startOf(keyNode(nodeNear(document, path), key))),
    sourceOf: (path) => {
      const node = nodeAt(document, path);
      return isScalar(node) ? node.source : undefined;
    },
    pathOf: (path) => path,
  };
}

/** Duplicate keys alone still leave a value, so that the user learns of all other problems too. */
function valueOf(document: Document): { readonly value: unknown; readonly faults: readonly YamlFault[] } {
  const syntax = syntaxFaults(document);
  if (syntax.length > 0) return { value: undefined, faults: syntax };
  const dangling = danglingAliases(document);
  if (dangling.length > 0) return { value: undefined, faults: dangling };
  try {
    return { value: yamlValue(document, { repeats: ALIAS_LIMIT }) ?? null, faults: duplicateKeys(document) };
  } catch (error) {
    // A ReferenceError means too many aliases, a RangeError nesting deeper than the stack.
    const fact = error instanceof RangeError ? 'it is nested too deep' : 'it uses too many aliases';
    return { value: undefined, faults: [{ offset: 0, fact }] };
  }
}
