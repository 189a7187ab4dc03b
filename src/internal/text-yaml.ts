import { parseAllDocuments, parseDocument } from 'yaml';

/** A values file shares a block or two by anchors; a YAML bomb needs many. */
const ALIAS_LIMIT = 1000;

/**
 * Returns a YAML text with every scalar as the string that was written, so that `tag: 1.10` is `1.10` and not 1.1. Merge keys
 * are followed. `undefined` when the text cannot be parsed.
 */
export function textValues(text: string): unknown {
  try {
    const document = parseDocument(text, OPTIONS);
    return document.errors.length > 0 ? undefined : document.toJS({ maxAliasCount: ALIAS_LIMIT });
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
    return documents.map((document): unknown => document.toJS({ maxAliasCount: ALIAS_LIMIT }));
  } catch {
    return undefined;
  }
}

/** Returns a scalar as a string, or `undefined` when it is missing or empty. */
export function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  return ['', '~', 'null', 'Null', 'NULL'].includes(text) ? undefined : text;
}

const OPTIONS = { schema: 'failsafe', merge: true, prettyErrors: false, uniqueKeys: false } as const;
