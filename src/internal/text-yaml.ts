import { parseAllDocuments, parseDocument } from 'yaml';

/** Values files share a block or two by anchors; a bomb needs many. */
const ALIAS_LIMIT = 1000;

/**
 * Returns a YAML text in which every scalar is the text that was written, so that `tag: 1.10` is `1.10` and not 1.1; merge keys
 * are followed. `undefined` when it cannot be read.
 */
export function textValues(text: string): unknown {
  try {
    const document = parseDocument(text, OPTIONS);
    return document.errors.length > 0 ? undefined : document.toJS({ maxAliasCount: ALIAS_LIMIT });
  } catch {
    // Too many aliases, an alias of nothing, or nesting deeper than the stack: either way it is no file of values.
    return undefined;
  }
}

/** Returns each document of a YAML stream in the same way; `undefined` when one cannot be read. */
export function textDocuments(text: string): readonly unknown[] | undefined {
  try {
    const documents = [...parseAllDocuments(text, OPTIONS)];
    if (documents.some(({ errors }) => errors.length > 0)) return undefined;
    return documents.map((document): unknown => document.toJS({ maxAliasCount: ALIAS_LIMIT }));
  } catch {
    return undefined;
  }
}

/** Returns a scalar as text, or `undefined` where there is none or it says nothing. */
export function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  return ['', '~', 'null', 'Null', 'NULL'].includes(text) ? undefined : text;
}

const OPTIONS = { schema: 'failsafe', merge: true, prettyErrors: false, uniqueKeys: false } as const;
