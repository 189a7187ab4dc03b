import { isSaddlebagError, SaddlebagError } from '../internal/error.ts';
import { mapAhead } from '../internal/gate.ts';
import { throwIfInterrupted } from '../internal/interrupt.ts';
import type { Descriptor } from './descriptor.ts';
import { type Index, type Manifest, successorsOf } from './manifest.ts';
import { isManifestType } from './media-type.ts';
import type { WaitOptions } from './roles.ts';

/** A piece of content reachable from a root. */
export interface GraphNode {
  readonly descriptor: Descriptor;
  /** Its decoded form, if it is a manifest or an index. */
  readonly document?: Manifest | Index | undefined;
}

export interface WalkOptions extends WaitOptions {
  /** Returns the decoded form of a manifest or an index, from verified bytes. */
  readonly read: (target: Descriptor) => Promise<Manifest | Index>;
  /** Returns whether to walk into a piece. A skipped piece is not yielded, nor is anything reachable only through it. */
  readonly enter?: ((target: Descriptor) => boolean | Promise<boolean>) | undefined;
  /** Returns the children to walk; all of them when left out. */
  readonly childrenOf?: ((document: Manifest | Index) => readonly Descriptor[]) | undefined;
  /** How many siblings to enter and read at once; 1 when left out. */
  readonly ahead?: number | undefined;
  /** Receives the error of a piece; the walk continues without that piece. */
  readonly onProblem?: ((target: Descriptor, error: SaddlebagError) => void) | undefined;
}

/** Real indexes nest two or three deep; only an attack reaches this depth. */
export const DEPTH_LIMIT = 8;
/** Limit of pieces in one graph. An index of 4 MiB names some 30 000, and each of those may be an index. */
export const COUNT_LIMIT = 100_000;

/**
 * Yields everything a root is made of, each piece once: children before parents, in the order they are listed, the root last.
 * Memory grows with the number of pieces, not with their content.
 *
 * @throws `ERR_DOCUMENT_INVALID` for a graph that is too deep or too large, and for a piece declared with two sizes; what
 * `read` and `enter` throw; `ERR_INTERRUPTED`
 */
export function walkGraph(
  root: Descriptor,
  options: WalkOptions,
): AsyncGenerator<GraphNode, void, undefined> {
  return walk([root], { options, sizes: new Map(), visited: new Set(), loading: new Map() }, 0);
}

interface Walk {
  readonly options: WalkOptions;
  /** Sizes by piece, as first declared. */
  readonly sizes: Map<string, number>;
  readonly visited: Set<string>;
  /** Reads started ahead of their turn. */
  readonly loading: Map<string, Promise<GraphNode | undefined>>;
}

async function* walk(
  targets: readonly Descriptor[],
  state: Walk,
  depth: number,
): AsyncGenerator<GraphNode, void, undefined> {
  const { ahead = 1, childrenOf = successorsOf, signal } = state.options;
  const nodes =
    ahead > 1
      ? mapAhead(targets, ahead, async (target) => await load(target, state, depth))
      : inTurn(targets, state, depth);
  for await (const node of nodes) {
    if (node === undefined || !visit(node.descriptor, state)) continue;
    if (node.document !== undefined) yield* walk(childrenOf(node.document), state, depth + 1);
    throwIfInterrupted(signal);
    yield node;
  }
}

async function* inTurn(
  targets: readonly Descriptor[],
  state: Walk,
  depth: number,
): AsyncGenerator<GraphNode | undefined, void, undefined> {
  for (const target of targets) yield await load(target, state, depth);
}

/** Returns whether this is the first visit. A piece is marked before its children, so that a cycle ends. */
function visit(target: Descriptor, { visited, loading }: Walk): boolean {
  const key = keyOf(target);
  if (visited.has(key)) return false;
  visited.add(key);
  loading.delete(key);
  if (visited.size > COUNT_LIMIT)
    throw invalid(target, `it is part of a graph of more than ${COUNT_LIMIT} pieces`);
  return true;
}

async function load(target: Descriptor, state: Walk, depth: number): Promise<GraphNode | undefined> {
  const { visited, loading, options } = state;
  const key = keyOf(target);
  try {
    checkSize(target, state);
    if (visited.has(key)) return undefined;
    const node = loading.get(key) ?? loadNew(target, options, depth);
    loading.set(key, node);
    return await node;
  } catch (error) {
    const isOurs = isSaddlebagError(error) && error.code !== 'ERR_INTERRUPTED';
    if (!isOurs || options.onProblem === undefined) throw error;
    options.onProblem(target, error);
    return undefined;
  }
}

async function loadNew(
  target: Descriptor,
  { enter, read }: WalkOptions,
  depth: number,
): Promise<GraphNode | undefined> {
  const isManifest = isManifestType(target.mediaType);
  if (isManifest && depth > DEPTH_LIMIT)
    throw invalid(target, `its index is nested more than ${DEPTH_LIMIT} deep`);
  if (enter !== undefined && !(await enter(target))) return undefined;
  return isManifest ? { descriptor: target, document: await read(target) } : { descriptor: target };
}

function checkSize(target: Descriptor, { sizes }: Walk): void {
  const size = sizes.get(target.digest);
  if (size === undefined) sizes.set(target.digest, target.size);
  if (size === undefined || size === target.size) return;
  throw invalid(target, `it is declared with ${size} bytes and with ${target.size} bytes`);
}

/** Returns the identity of a piece. The same bytes may be a manifest here and plain content there, as they are for a registry. */
export function keyOf({ digest, mediaType }: Descriptor): string {
  return isManifestType(mediaType) ? `manifest ${digest}` : digest;
}

function invalid(target: Descriptor, fact: string): SaddlebagError {
  return new SaddlebagError('ERR_DOCUMENT_INVALID', `Cannot read "${target.digest}": ${fact}`);
}
