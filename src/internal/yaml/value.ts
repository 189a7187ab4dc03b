import { type Document, visit } from 'yaml';

/** Most aliases of a document: the anchor of each is looked for among all of them, so that more take minutes. */
const ALIASES = 5000;

/**
 * Returns the value of a YAML document. `repeats` is how often an anchor may be unfolded, counted with the anchors inside it: a YAML bomb
 * needs many.
 *
 * @throws ReferenceError for too many aliases or one of no anchor, RangeError for nesting deeper than the stack
 */
export function yamlValue(document: Document, { repeats }: { readonly repeats: number }): unknown {
  let left = ALIASES;
  visit(document, {
    Alias() {
      left -= 1;
      if (left < 0) throw new ReferenceError(`It has more than ${ALIASES} aliases`);
    },
  });
  return document.toJS({ maxAliasCount: repeats });
}
