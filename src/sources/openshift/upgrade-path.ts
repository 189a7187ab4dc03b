import semver from 'semver';
import type { GraphNode } from '../../products/openshift/graph/update-graph.ts';
import type { ChannelRelease } from '../../products/openshift/graph/upgrade-way.ts';
import type { SourceContext } from '../source.ts';
import { type ReleaseQuestion, RELEASES } from './graph.ts';

/** What the update service was asked, and what it has. */
interface Answer {
  readonly question: ReleaseQuestion;
  /** Ascending by version. */
  readonly nodes: readonly GraphNode[];
}

/**
 * Returns what an upgrade from the oldest release of several channels to the newest passes through, channel by channel; nothing
 * for a single channel. Warns where the way ends early.
 */
export async function wayBetween(
  answers: readonly Answer[],
  context: SourceContext,
): Promise<readonly GraphNode[]> {
  const ends = answers.flatMap(({ question, nodes }) =>
    'channel' in question
      ? nodes.map(({ version }) => ({
          channel: question.channel,
          version,
          architecture: question.architecture,
        }))
      : [],
  );
  const sorted = ends.toSorted((left, right) => semver.compare(left.version, right.version));
  const [start, end] = [sorted[0], sorted.at(-1)];
  if (start === undefined || end === undefined || start.channel === end.channel) return [];
  const way = await context.ask(RELEASES, {
    start: releaseOf(start),
    end: releaseOf(end),
    architecture: start.architecture,
  });
  if (way.some(({ version }) => version === end.version)) return way;
  context.warn({
    level: 'warning',
    message: `The update service knows no upgrade from OpenShift ${start.version} (${start.channel}) to ${end.version} (${end.channel}) for ${start.architecture}: it ends at ${way.at(-1)?.version ?? start.version}`,
    hint: 'Both ends are in the bundle; name the releases between them, or another channel.',
  });
  return way;
}

function releaseOf({ channel, version }: ChannelRelease): ChannelRelease {
  return { channel, version };
}
