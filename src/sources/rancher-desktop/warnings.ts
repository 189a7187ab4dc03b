import type { Finding } from '../../internal/finding.ts';
import { isOlderThan, type K3sTag } from '../../products/k3s/tag.ts';

/** The sandbox image of Rancher Desktop's own containerd configuration; K3s moved on to 3.10.2 in July 2026. */
export const PAUSE_IMAGE = 'docker.io/rancher/mirrored-pause:3.6';

/** The lowest version that Rancher Desktop 1.19 and newer offers. */
const MINIMUM = '1.25.3';

/** Returns whether a release's `k3s-images.txt` has the pause image that Rancher Desktop starts pods with. */
export function hasPauseImage(imageList: Uint8Array): boolean {
  return Buffer.from(imageList)
    .toString('utf8')
    .split(/\r?\n/)
    .some((line) => line.trim().replace(/^(?!docker\.io\/)/, 'docker.io/') === PAUSE_IMAGE);
}

/** Returns the warning for versions whose archive lacks the pause image. */
export function pauseWarning(tags: readonly K3sTag[]): Finding {
  return {
    level: 'warning',
    message: `K3s ${listOf(tags)}: "${PAUSE_IMAGE}" is not among the airgap images, and without it Rancher Desktop starts no pod offline with the containerd engine`,
    hint: `Add "${PAUSE_IMAGE}" to "images", and on the desktop load it with "nerdctl --namespace k8s.io" before the first pod; or use the moby engine, or an older build.`,
  };
}

/** Returns the warning for versions whose list of images could not be had. */
export function unknownPauseWarning(tags: readonly K3sTag[]): Finding {
  return {
    level: 'warning',
    message: `K3s ${listOf(tags)}: "k3s-images.txt" is not upstream, so nobody knows whether "${PAUSE_IMAGE}" is among the airgap images`,
    hint: `Add "${PAUSE_IMAGE}" to "images" to be sure.`,
  };
}

/** Returns what Rancher Desktop will make of the chosen versions that a user may not expect. */
export function versionWarnings(tags: readonly K3sTag[]): readonly Finding[] {
  const old = tags.filter((tag) => !tag.prerelease && isOlderThan(tag, MINIMUM));
  const previews = tags.filter(({ prerelease }) => prerelease);
  const shadowed = tags.filter((tag) =>
    tags.some((other) => isOtherBuild(tag, other) && other.build > tag.build),
  );
  return [
    ...warnIf(
      old,
      `Rancher Desktop 1.19 and newer does not offer versions below ${MINIMUM}`,
      `Choose ${MINIMUM} or newer, or keep the desktops on Rancher Desktop 1.18 or older.`,
    ),
    ...warnIf(
      previews,
      'Rancher Desktop never offers a release candidate',
      'Choose the release it became, or take it under "k3s" alone.',
    ),
    ...warnIf(
      shadowed,
      'Rancher Desktop offers one build of a version, and the spec asks for a higher one too',
      'Leave the lower build out.',
    ),
  ];
}

function warnIf(tags: readonly K3sTag[], fact: string, hint: string): readonly Finding[] {
  return tags.length === 0 ? [] : [{ level: 'warning', message: `K3s ${listOf(tags)}: ${fact}`, hint }];
}

function isOtherBuild(left: K3sTag, right: K3sTag): boolean {
  return left.version === right.version && left.build !== right.build;
}

function listOf(tags: readonly K3sTag[]): string {
  return tags.map(({ tag }) => tag).join(', ');
}
