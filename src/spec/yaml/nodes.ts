import { type Document, isAlias, isMap, isNode, isPair, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { Path } from './place.ts';

/** Returns the node of the value at `path`, aliases followed, or `undefined` when there is none. */
export function nodeAt(document: Document, path: Path): Node | undefined {
  return path.reduce((node, step) => below(document, node, step), followed(document, document.contents));
}

/** Returns the node at `path`, or the nearest existing one around it. */
export function nodeNear(document: Document, path: Path): Node | undefined {
  let node = followed(document, document.contents);
  for (const step of path) {
    const next = below(document, node, step);
    // A key without a value has no node for the value, so the key stands in.
    if (next === undefined) return keyNode(node, String(step)) ?? node;
    node = next;
  }
  return node;
}

/** Returns the node of a key of the mapping `node`. */
export function keyNode(node: Node | undefined, key: string): Node | undefined {
  const found = pairAt(node, key)?.key;
  return isNode(found) ? found : undefined;
}

/** Returns the name of a key. A collection as a key has none, and no schema of ours allows one. */
export function nameOfKey(key: unknown): string {
  const value: unknown = isScalar(key) ? key.value : null;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : '';
}

/** Returns where a node starts, in code units from the start of the text. */
export function startOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}

function below(document: Document, node: Node | undefined, step: PropertyKey): Node | undefined {
  return followed(document, isSeq(node) ? node.items[Number(step)] : pairAt(node, String(step))?.value);
}

function followed(document: Document, node: unknown): Node | undefined {
  if (isAlias(node)) return node.resolve(document);
  return isNode(node) ? node : undefined;
}

function pairAt(node: Node | undefined, key: string): Pair | undefined {
  return isMap(node) ? node.items.find((pair) => isPair(pair) && nameOfKey(pair.key) === key) : undefined;
}
