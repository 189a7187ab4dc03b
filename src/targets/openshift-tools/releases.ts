import semver from 'semver';
import type { Bundle } from '../../bundle/bundle.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { quote } from '../../internal/quote.ts';
import { compareText } from '../../internal/order.ts';
import type { ItemOf } from '../item-files.ts';

export type ReleaseItem = ItemOf<'openshift'>;

/** Returns the OpenShift releases of a bundle, the newest first. */
export function openshiftReleases(bundle: Bundle): readonly ReleaseItem[] {
  return bundle.document.items
    .filter((item): item is ReleaseItem => item.kind === 'openshift')
    .sort((left, right) => compareVersions(right, left) || compareText(left.name, right.name));
}

/** Returns the release of a name or a version; the newest when none is given. @throws `ERR_CONTENT_NOT_FOUND` */
export function chosenRelease(bundle: Bundle, wanted: string | undefined): ReleaseItem {
  const releases = openshiftReleases(bundle);
  const found =
    wanted === undefined
      ? releases[0]
      : (releases.find(({ name }) => name === wanted) ?? releases.find(({ version }) => version === wanted));
  if (found !== undefined) return found;
  throw new SaddlebagError(
    'ERR_CONTENT_NOT_FOUND',
    `Cannot find OpenShift release ${quote(wanted ?? '')} in "${bundle.path}": it has ${releases.map(({ name }) => name).join(', ')}`,
  );
}

function compareVersions(left: ReleaseItem, right: ReleaseItem): number {
  const [a, b] = [semver.parse(left.version), semver.parse(right.version)];
  return a === null || b === null ? compareText(left.version, right.version) : semver.compare(a, b);
}
