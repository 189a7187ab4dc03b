import type { Finding } from '../../internal/finding.ts';
import {
  isDesktopRelease,
  isTooOld,
  OLDEST_OFFERED,
  PAUSE_IMAGE,
} from '../../products/rancher-desktop/offer.ts';
import type { ReleaseTag } from '../../products/distribution/tag.ts';

/** Returns the warning for versions whose archive lacks the pause image. */
export function pauseWarning(tags: readonly ReleaseTag[]): Finding {
  return {
    level: 'warning',
    message: `K3s ${listOf(tags)}: "${PAUSE_IMAGE}" is not among the airgap images, and without it Rancher Desktop starts no pod offline with the containerd engine`,
    hint: `Add "${PAUSE_IMAGE}" to "images", and on the desktop load it with "bundle install BUNDLE --engine rancher-desktop" before the first pod; or use the moby engine, or an older build.`,
  };
}

/** Returns the warning for versions whose image list was not available. */
export function unknownPauseWarning(tags: readonly ReleaseTag[]): Finding {
  return {
    level: 'warning',
    message: `K3s ${listOf(tags)}: "k3s-images.txt" cannot be fetched, so it is not known whether "${PAUSE_IMAGE}" is among the airgap images`,
    hint: `Add "${PAUSE_IMAGE}" to "images" to be sure.`,
  };
}

/** Returns warnings about what Rancher Desktop does with the chosen versions that a user may not expect. */
export function versionWarnings(tags: readonly ReleaseTag[]): readonly Finding[] {
  const old = tags.filter((tag) => isDesktopRelease(tag) && isTooOld(tag));
  const previews = tags.filter((tag) => !isDesktopRelease(tag));
  const shadowed = tags.filter((tag) =>
    tags.some((other) => isOtherBuild(tag, other) && other.build > tag.build),
  );
  return [
    ...warnIf(
      old,
      `Rancher Desktop 1.19 and newer does not offer versions below ${OLDEST_OFFERED}`,
      `Choose ${OLDEST_OFFERED} or newer, or keep the desktops on Rancher Desktop 1.18 or older.`,
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

function warnIf(tags: readonly ReleaseTag[], fact: string, hint: string): readonly Finding[] {
  return tags.length === 0 ? [] : [{ level: 'warning', message: `K3s ${listOf(tags)}: ${fact}`, hint }];
}

function isOtherBuild(left: ReleaseTag, right: ReleaseTag): boolean {
  return left.version === right.version && left.build !== right.build;
}

function listOf(tags: readonly ReleaseTag[]): string {
  return tags.map(({ tag }) => tag).join(', ');
}
