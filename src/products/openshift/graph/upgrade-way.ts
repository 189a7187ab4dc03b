import { type GraphNode, shortestWay, type UpdateGraph } from './update-graph.ts';

/** A release of a channel. */
export interface ChannelRelease {
  readonly channel: string;
  readonly version: string;
}

/** An upgrade from a release of one channel to one of another. */
export interface UpgradeWay {
  readonly start: ChannelRelease;
  readonly end: ChannelRelease;
}

/** More minor versions than this are no upgrade. */
const MINOR_LIMIT = 50;

/**
 * Returns the releases that an upgrade passes through, as oc-mirror chooses them (`internal/pkg/release/core-cincinnati.go`): in
 * each channel up to its newest release, then on in the channel of the next minor version. It ends early where that channel
 * does not have the release, or leads nowhere; then the last release is not the one that was asked for.
 */
export async function upgradeWay(
  { start, end }: UpgradeWay,
  load: (channel: string) => Promise<UpdateGraph>,
): Promise<readonly GraphNode[]> {
  const found: GraphNode[] = [];
  let { version } = start;
  for (const channel of channelsOf(start.channel, end.channel)) {
    const graph = await load(channel);
    const newest = graph.nodes.at(-1)?.version ?? version;
    const to = channel === end.channel ? end.version : newest;
    const way = shortestWay(version, to, graph.upgrades);
    const passed = graph.nodes.filter((node) => way?.has(node.version) === true);
    // The way of a version that the channel does not have is that version alone.
    if (!passed.some((node) => node.version === version) || !passed.some((node) => node.version === to))
      return found;
    found.push(...passed.filter((node) => !found.some((known) => known.version === node.version)));
    version = to;
  }
  return found;
}

/** `stable-4.18`, then the minor versions between under the same prefix, then `eus-4.20`. */
function channelsOf(from: string, to: string): readonly string[] {
  if (from === to) return [from];
  const [first, last] = [partsOf(from), partsOf(to)];
  const count = last.minor - first.minor;
  if (first.major !== last.major || count < 0 || count > MINOR_LIMIT) return [from];
  const between = Array.from(
    { length: Math.max(0, count - 1) },
    (_, index) => `${first.prefix}-${first.major}.${first.minor + 1 + index}`,
  );
  // Two channels of one minor version: only the second is asked for the way.
  return count === 0 ? [to] : [from, ...between, to];
}

function partsOf(channel: string): {
  readonly prefix: string;
  readonly major: number;
  readonly minor: number;
} {
  const [, prefix = '', major = '', minor = ''] = /^(.*)-(\d+)\.(\d+)$/.exec(channel) ?? [];
  return { prefix, major: Number(major), minor: Number(minor) };
}
