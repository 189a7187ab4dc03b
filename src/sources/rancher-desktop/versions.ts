import { ARTIFACT_TYPE, type PlannedItem } from '../../bundle/format/item.ts';
import { collectProblems } from '../../internal/problems.ts';
import type { ErrorCode } from '../../internal/error-code.ts';
import { isSaddlebagError } from '../../internal/error.ts';
import { pauseWarning, unknownPauseWarning } from './warnings.ts';
import type { K3sArchitecture } from '../../products/k3s/architecture.ts';
import { listsPauseImage, PAUSE_IMAGE } from '../../products/rancher-desktop/offer.ts';
import { encodeVersionList, VERSION_LIST } from '../../products/rancher-desktop/version-list.ts';
import type { Catalogue } from '../distribution/catalogue.ts';
import { fetchImageList } from '../k3s/files.ts';
import type { ReleaseTag } from '../../products/distribution/tag.ts';
import { deriveVersions } from './derived-list.ts';
import { fileOfBytes, planArtifact } from '../images/planned-artifact.ts';
import type { SourceContext } from '../source.ts';

/** Returns the item with the version list for Rancher Desktop's cache, in which `tags` are the builds to look for. */
export function planVersionsItem(
  catalogue: Catalogue,
  tags: readonly ReleaseTag[],
  architectures: readonly K3sArchitecture[],
): PlannedItem {
  const list = deriveVersions(catalogue.releases, catalogue.channels, { architectures, pinned: tags });
  const { descriptor, blobs } = planArtifact(ARTIFACT_TYPE['k3s-versions'], [
    fileOfBytes(VERSION_LIST, encodeVersionList(list)),
  ]);
  return {
    item: { kind: 'k3s-versions', name: VERSION_LIST, descriptor, audience: ['rancher-desktop'] },
    blobs,
  };
}

/** Warns of chosen versions that cannot start a pod with what is in the bundle. */
export async function warnOfPauseImage(
  tags: readonly ReleaseTag[],
  items: readonly PlannedItem[],
  context: SourceContext,
): Promise<void> {
  if (items.some(({ item }) => item.kind === 'image' && item.name === PAUSE_IMAGE)) return;
  const tasks = tags.map(async (tag) => ({ tag, pause: await pauseOf(tag, context) }));
  const known = await collectProblems(tasks, {
    code: 'ERR_RESOLVE_FAILED',
    message: () => 'Cannot read which images the K3s releases have',
  });
  const having = (pause: Pause): readonly ReleaseTag[] =>
    known.filter((one) => one.pause === pause).map(({ tag }) => tag);
  if (having('absent').length > 0) context.warn(pauseWarning(having('absent')));
  if (having('unknown').length > 0) context.warn(unknownPauseWarning(having('unknown')));
}

/** Content that differs from the lock is always an error. */
const DECISIVE: readonly ErrorCode[] = ['ERR_INTERRUPTED', 'ERR_CONTENT_NOT_FOUND', 'ERR_DIGEST_MISMATCH'];

type Pause = 'present' | 'absent' | 'unknown';

async function pauseOf(tag: ReleaseTag, context: SourceContext): Promise<Pause> {
  try {
    return listsPauseImage(Buffer.from(await fetchImageList(tag, context)).toString('utf8'))
      ? 'present'
      : 'absent';
  } catch (error) {
    // Only a warning depends on the list, and a mirror made for Rancher Desktop, which does not need it, may lack it.
    if (!isSaddlebagError(error) || DECISIVE.includes(error.code)) throw error;
    return 'unknown';
  }
}
