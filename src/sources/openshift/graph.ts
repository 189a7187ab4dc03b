import * as z from 'zod';
import { SaddlebagError } from '../../internal/error.ts';
import { isFullReference } from '../../oci/reference.ts';
import {
  type ChannelRange,
  decodeUpdateGraph,
  type GraphNode,
  releasesOf,
  type UpdateGraph,
} from '../../products/openshift/graph/update-graph.ts';
import { type UpgradeWay, upgradeWay } from '../../products/openshift/graph/upgrade-way.ts';
import type { Facts, LockSection } from '../../spec/lock/lock.ts';
import type { Asking, Question } from '../questions.ts';
import { urlOf } from '../source.ts';
import { nearestVersions } from '../web/nearest-version.ts';
import { GRAPH } from './upstreams.ts';

/** Releases that are looked up in the update service. */
export type ReleaseQuestion = { readonly architecture: string } & (
  | { readonly version: string }
  | (ChannelRange & { readonly channel: string })
  | UpgradeWay
);

const section: LockSection = {
  name: 'openshift',
  schema: z
    .record(
      z.string().regex(/^[ -~]{1,200}$/, 'what was asked for'),
      z.record(
        z.string().regex(/^[0-9A-Za-z.+-]{1,64}$/, 'a version'),
        z.string().refine(isFullReference, 'the full reference of a release image'),
      ),
    )
    .transform(
      (groups): Facts =>
        new Map(Object.entries(groups).map(([name, all]) => [name, new Map(Object.entries(all))])),
    )
    .describe('what was asked of the update service → version → release image; left out without OpenShift'),
  isGroupPinned: false,
  title: () => 'OpenShift release',
  isVast: false,
};

/** Asks which releases there are, and which image each is. Answers are ascending by version. */
export const RELEASES: Question<ReleaseQuestion, readonly GraphNode[]> = {
  section,
  title: (wanted) => `OpenShift ${keyOf(wanted)}`,
  ask: async (wanted, world) => {
    if ('version' in wanted) return [await findVersion(wanted, world)];
    if ('channel' in wanted) return await findRange(wanted, world);
    return await upgradeWay(wanted, async (channel) => await graphOf(channel, wanted.architecture, world));
  },
  facts: (wanted, nodes) =>
    new Map([[keyOf(wanted), new Map(nodes.map(({ version, payload }) => [version, payload]))]]),
  recall: (wanted, facts) => {
    const words = facts.get(keyOf(wanted));
    if (words === undefined) return undefined;
    return [...words].map(([version, payload]) => ({ version, payload: payload ?? '' }));
  },
};

function keyOf(wanted: ReleaseQuestion): string {
  if ('version' in wanted) return `${wanted.version} ${wanted.architecture}`;
  if (!('channel' in wanted)) {
    const { start, end, architecture } = wanted;
    return `${start.channel} ${start.version} to ${end.channel} ${end.version} ${architecture}`;
  }
  const { channel, architecture, from, to, shortestPath = false, full = false } = wanted;
  const ends = from === undefined && to === undefined ? (full ? ' all' : '') : ` ${from ?? ''}..${to ?? ''}`;
  return `${channel} ${architecture}${ends}${shortestPath ? ' shortest' : ''}`;
}

/** In the order of `oc` (`pkg/cli/admin/release/info.go`, `replaceStableSemanticArgs`). */
const CHANNELS = ['fast', 'stable', 'candidate'] as const;

async function findVersion(
  { version, architecture }: { readonly version: string; readonly architecture: string },
  world: Asking,
): Promise<GraphNode> {
  const minor = /^\d+\.\d+/.exec(version)?.[0] ?? '';
  const known: string[] = [];
  const channels = CHANNELS.map((channel) => `${channel}-${minor}`);
  for (const channel of channels) {
    const { nodes } = await graphOf(channel, architecture, world);
    const node = nodes.find((each) => each.version === version);
    if (node !== undefined) return node;
    known.push(...nodes.map((each) => each.version));
  }
  throw missing(`OpenShift ${version} for ${architecture}`, `none of ${channels.join(', ')} has it`, {
    version,
    known,
  });
}

async function findRange(
  {
    channel,
    architecture,
    ...range
  }: ChannelRange & { readonly channel: string; readonly architecture: string },
  world: Asking,
): Promise<readonly GraphNode[]> {
  const graph = await graphOf(channel, architecture, world);
  const known = graph.nodes.map(({ version }) => version);
  const title = `channel "${channel}" of OpenShift for ${architecture}`;
  if (known.length === 0) throw missing(title, 'there are no releases in it', { version: '', known });
  for (const version of [range.from, range.to])
    if (version !== undefined && !known.includes(version))
      throw missing(`OpenShift ${version} for ${architecture}`, `"${channel}" does not have it`, {
        version,
        known,
      });
  const nodes = releasesOf(graph, range);
  if (nodes !== undefined && nodes.length > 0) return nodes;
  const [from, to] = [range.from ?? known[0], range.to ?? known.at(-1)];
  throw new SaddlebagError(
    'ERR_UPSTREAM_NOT_FOUND',
    `Cannot find an upgrade path from OpenShift ${from} to ${to}: "${channel}" has none`,
    {
      hint: 'Choose the channel of the newer release, such as stable-4.20, which has both ends, or list the releases one by one.',
    },
  );
}

async function graphOf(channel: string, architecture: string, world: Asking): Promise<UpdateGraph> {
  const url = new URL(urlOf(GRAPH, world));
  url.searchParams.set('arch', architecture);
  url.searchParams.set('channel', channel);
  const { body } = await world.web.query(url.href, {
    signal: world.signal,
    headers: { accept: 'application/json' },
  });
  return decodeUpdateGraph(body, `"${channel}"`);
}

function missing(
  title: string,
  fact: string,
  { version, known }: { readonly version: string; readonly known: readonly string[] },
): SaddlebagError {
  const near = nearestVersions(version, known);
  return new SaddlebagError('ERR_UPSTREAM_NOT_FOUND', `Cannot find ${title}: ${fact}`, {
    hint:
      near.length === 0
        ? 'Check the channel and the architecture; a release image can also be given by its reference.'
        : `The nearest release is ${near.join(' or ')}.`,
  });
}
