import type { CatalogDocument } from './contents.ts';
import type { CatalogText } from './documents.ts';
import type { Fail } from './fail.ts';
import { parseCatalogText } from './facts.ts';
import { rewritten } from './rewrite.ts';
import type { SelectedPackage } from './select.ts';

/** What happens to a document: it is kept, dropped, or replaced with these bytes. */
type Edit = 'keep' | 'drop' | Uint8Array;

/** A file of a filtered catalog. */
export interface FileEdits {
  /** In the order of its documents. */
  readonly edits: readonly Edit[];
  /** Size of what is left (bytes). */
  readonly size: number;
}

/**
 * Returns what happens to the documents of a file; `undefined` when none is left. Documents of no package are kept.
 *
 * @throws what `fail` returns
 */
export function editsOf(
  documents: readonly (CatalogDocument | undefined)[],
  selected: ReadonlyMap<string, SelectedPackage>,
  fail: Fail,
): FileEdits | undefined {
  const edits = documents.map((document): Edit => {
    if (document === undefined) return 'drop';
    const name = document.fact.package;
    const own = name === undefined ? undefined : selected.get(name);
    if (own === undefined) return name === undefined ? 'keep' : 'drop';
    return editOf(document, own, fail);
  });
  const sizes = edits.map((edit, index) => {
    const document = documents[index];
    if (document === undefined || edit === 'drop') return 0;
    return FRAME[document.format] + (edit === 'keep' ? document.size : edit.length);
  });
  return edits.every((edit) => edit === 'drop')
    ? undefined
    : { edits, size: sizes.reduce((sum, each) => sum + each, 0) };
}

function editOf({ fact, format, bytes }: CatalogDocument, own: SelectedPackage, fail: Fail): Edit {
  if (fact.schema === 'olm.bundle') return own.bundles.has(fact.name) ? 'keep' : 'drop';
  if (fact.schema === 'olm.package' && fact.defaultChannel === own.defaultChannel) return 'keep';
  if (bytes === undefined) return 'keep';
  const before = parseCatalogText({ format, bytes }, fail);
  const after = rewritten(before, own);
  if (after === undefined) return 'drop';
  const text = JSON.stringify(after);
  return text === JSON.stringify(before) ? 'keep' : Buffer.from(text);
}

/** Separators around a document (bytes). */
const FRAME = { json: '\n'.length, yaml: '---\n\n'.length } as const;

/** Yields a file with its edits applied. A new document is JSON, which is YAML as well. */
export async function* edited(
  documents: AsyncIterable<CatalogText>,
  { edits }: FileEdits,
): AsyncGenerator<Uint8Array, void, undefined> {
  let index = 0;
  for await (const { format, bytes } of documents) {
    const edit = edits[index] ?? 'drop';
    index += 1;
    if (edit === 'drop') continue;
    if (format === 'yaml') yield Buffer.from('---\n');
    yield edit === 'keep' ? Buffer.from(bytes) : edit;
    yield Buffer.from('\n');
  }
}
