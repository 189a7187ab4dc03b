import semver from 'semver';
import { isSaddlebagError, SaddlebagError } from '../../../internal/error.ts';
import { parseForeignJson } from '../../../internal/foreign-json.ts';
import { isRecord } from '../../../internal/json.ts';
import { quote } from '../../../internal/quote.ts';
import { formatReference, parseReference } from '../../../oci/reference.ts';

/** A release in a channel. */
export interface GraphNode {
  readonly version: string;
  /** Full reference of its image, by digest. */
  readonly payload: string;
}

/** A channel of releases: which there are, and which can be upgraded to which. */
export interface UpdateGraph {
  /** Ascending by version. */
  readonly nodes: readonly GraphNode[];
  /** For each version those it can be upgraded to. */
  readonly upgrades: ReadonlyMap<string, readonly string[]>;
}

/** The largest channel has some 2 MiB (bytes). */
const LIMIT = 64 * 1024 * 1024;
const NODE_LIMIT = 20_000;

/**
 * Decodes a channel of the update service (openshift/cincinnati, "design/cincinnati.md"). `title` is for messages.
 *
 * @throws `ERR_DOCUMENT_INVALID` for another form, nodes without a digest, or edges to nodes that do not exist
 */
export function decodeUpdateGraph(bytes: Uint8Array, title: string): UpdateGraph {
  const fail = (fact: string, cause?: unknown): SaddlebagError =>
    new SaddlebagError('ERR_DOCUMENT_INVALID', `Cannot read the update graph of ${title}: ${fact}`, {
      cause,
    });
  const document = parseForeignJson(bytes, { limit: LIMIT, fail });
  if (!isRecord(document)) throw fail('it is not an object');
  const { nodes, edges } = document;
  if (!Array.isArray(nodes) || !Array.isArray(edges)) throw fail('it has no "nodes" or no "edges"');
  if (nodes.length > NODE_LIMIT) throw fail(`it has ${nodes.length} releases, and ${NODE_LIMIT} are allowed`);
  const listed = nodes.map((node: unknown) => nodeOf(node, fail));
  const versions = new Set(listed.map(({ version }) => version));
  if (versions.size !== listed.length) throw fail('it has a release twice');
  const upgrades = new Map<string, string[]>();
  for (const edge of edges) {
    const [from, to] = Array.isArray(edge)
      ? edge.map((index: unknown) => (typeof index === 'number' ? listed[index] : undefined))
      : [];
    if (from === undefined || to === undefined) throw fail('an edge in it does not join two releases');
    upgrades.set(from.version, [...(upgrades.get(from.version) ?? []), to.version]);
  }
  return { nodes: listed.toSorted((left, right) => semver.compare(left.version, right.version)), upgrades };
}

function nodeOf(node: unknown, fail: (fact: string, cause?: unknown) => SaddlebagError): GraphNode {
  if (!isRecord(node)) throw fail('a release in it is not an object');
  const { version, payload } = node;
  if (typeof version !== 'string' || semver.valid(version) !== version.replace(/\+.*$/, ''))
    throw fail('a release in it has no version');
  if (typeof payload !== 'string') throw fail(`release ${version} names no image`);
  try {
    const reference = parseReference(payload);
    if (reference.digest === undefined) throw fail(`release ${version} names no image by digest`);
    return { version, payload: formatReference(reference) };
  } catch (cause) {
    if (!isSaddlebagError(cause, 'ERR_REFERENCE_INVALID')) throw cause;
    throw fail(`release ${version} names ${quote(payload)}`, cause);
  }
}

/** What of a channel is wanted. */
export interface ChannelRange {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Only the releases on the shortest way. */
  readonly shortestPath?: boolean | undefined;
  /** All releases, where neither end is given. */
  readonly full?: boolean | undefined;
}

/**
 * Returns the releases of a range, ascending: its newest when neither end is given, or all with `full`; up to the newest without
 * `to`; from the oldest without `from`. With `shortestPath`, those that an upgrade passes through, both ends included; `undefined` when no
 * upgrades lead there. The ends must be in the graph.
 */
export function releasesOf(
  { nodes, upgrades }: UpdateGraph,
  { from, to, shortestPath = false, full = false }: ChannelRange,
): readonly GraphNode[] | undefined {
  const newest = nodes.at(-1)?.version;
  if (newest === undefined) return [];
  const end = to ?? newest;
  const isNewest = to === undefined && !full;
  const start = from ?? (isNewest ? newest : (nodes[0]?.version ?? newest));
  const within = nodes.filter(({ version }) => semver.gte(version, start) && semver.lte(version, end));
  if (!shortestPath) return within;
  const path = shortestWay(start, end, upgrades);
  return path === undefined ? undefined : nodes.filter(({ version }) => path.has(version));
}

/** Returns the versions of the shortest way, if there is one. Breadth first, newer releases first, as oc-mirror chooses (`internal/pkg/release/cincinnati.go`). */
export function shortestWay(
  from: string,
  to: string,
  upgrades: UpdateGraph['upgrades'],
): ReadonlySet<string> | undefined {
  const before = new Map<string, string | undefined>([[from, undefined]]);
  // The list grows during the loop; each version is added once, so a circle ends.
  const queue = [from];
  for (const version of queue) {
    if (version === to) break;
    for (const next of (upgrades.get(version) ?? []).toSorted(semver.rcompare)) {
      if (before.has(next)) continue;
      before.set(next, version);
      queue.push(next);
    }
  }
  if (!before.has(to)) return undefined;
  const way = new Set<string>();
  for (let at: string | undefined = to; at !== undefined; at = before.get(at)) way.add(at);
  return way;
}
