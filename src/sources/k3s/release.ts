import { ARTIFACT_TYPE, type Audience, type PlannedItem } from '../../bundle/format/item.ts';
import { Gate } from '../../internal/gate.ts';
import { compareText, uniqueBy } from '../../internal/order.ts';
import { collectProblems } from '../../internal/problems.ts';
import type { K3sArchitecture } from '../../products/k3s/architecture.ts';
import { k3sFiles } from './files.ts';
import type { ReleaseTag } from '../../products/distribution/tag.ts';
import { planArtifact } from '../images/planned-artifact.ts';
import type { SourceContext } from '../source.ts';

/** A request for one architecture of a release. */
export interface K3sRequest {
  readonly tag: ReleaseTag;
  readonly architecture: K3sArchitecture;
  readonly audience: Extract<Audience, 'k3s-node' | 'rancher-desktop'>;
  /** Whether to add the uncompressed archive, for Rancher Desktop 1.6 and older. */
  readonly tar?: boolean | undefined;
}

const CONCURRENCY = 8;

/**
 * Turns requests into items, one for each tag, with the files of all requests for it.
 *
 * @throws `ProblemsError` of `ERR_UPSTREAM_NOT_FOUND`, `ERR_CHECKSUM_MISSING`, `ERR_DIGEST_MISMATCH` and others
 */
export async function resolveK3sReleases(
  requests: readonly K3sRequest[],
  context: SourceContext,
): Promise<readonly PlannedItem[]> {
  const gate = new Gate(CONCURRENCY);
  const byTag = Map.groupBy(requests, ({ tag }) => tag.tag);
  const tasks = [...byTag.values()].map((group) =>
    gate.run(() => resolveRelease(group, context), context.signal),
  );
  const items = await collectProblems(tasks, {
    code: 'ERR_RESOLVE_FAILED',
    message: () => 'Cannot resolve the K3s releases of the spec',
  });
  return items.flat();
}

/** All `requests` are for the same tag. */
async function resolveRelease(
  requests: readonly K3sRequest[],
  context: SourceContext,
): Promise<readonly PlannedItem[]> {
  const byArchitecture = Map.groupBy(requests, ({ architecture }) => architecture);
  const tag = requests[0]?.tag;
  if (tag === undefined) return [];
  const tasks = [...byArchitecture].map(([architecture, group]) => {
    const forNode = group.some(({ audience }) => audience === 'k3s-node');
    return k3sFiles(tag, { architecture, forNode, tar: group.some(({ tar }) => tar === true) }, context);
  });
  const files = await collectProblems(tasks, {
    code: 'ERR_RESOLVE_FAILED',
    message: () => `Cannot resolve K3s ${tag.tag}`,
  });
  // The list of images and the install script are the same for every architecture.
  const { descriptor, blobs } = planArtifact(
    ARTIFACT_TYPE.k3s,
    uniqueBy(files.flat(), ({ name }) => name),
  );
  const architectures = distinct(byArchitecture.keys());
  const audience = distinct(requests.map(({ audience }) => audience));
  return [{ item: { kind: 'k3s', name: tag.tag, descriptor, audience, architectures }, blobs }];
}

function distinct<T extends string>(values: Iterable<T>): readonly T[] {
  return [...new Set(values)].sort(compareText);
}
