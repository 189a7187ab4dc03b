import { type ReleaseTag, isOlderThan } from '../distribution/tag.ts';
import { parseK3sTag } from '../k3s/tag.ts';

/** The lowest version that Rancher Desktop 1.19 and newer offers. */
export const OLDEST_OFFERED = '1.25.3';

/** The sandbox image in Rancher Desktop's own containerd configuration; K3s moved on to 3.10.2 in July 2026. */
export const PAUSE_IMAGE = 'docker.io/rancher/mirrored-pause:3.6';

/** Cache folders that Rancher Desktop reads; it skips all others, including those of release candidates. */
const FOLDER = /^v\d+\.\d+\.\d+\+k3s\d+$/;

/** Returns the parts of a tag, or `undefined` when Rancher Desktop skips a cache folder of that name. */
export function parseDesktopTag(tag: string): ReleaseTag | undefined {
  const parsed = parseK3sTag(tag);
  return parsed !== undefined && isDesktopRelease(parsed) ? parsed : undefined;
}

/** Returns whether any Rancher Desktop uses a release from its cache. */
export function isDesktopRelease({ tag }: ReleaseTag): boolean {
  return FOLDER.test(tag);
}

/** Returns whether Rancher Desktop 1.19 and newer skips a release because it is too old. */
export function isTooOld(tag: ReleaseTag): boolean {
  return isOlderThan(tag, OLDEST_OFFERED);
}

/** Returns whether an image is the pause image, under any mirror's name. */
export function isPauseImage(name: string): boolean {
  return name.split('/').at(-1) === PAUSE_IMAGE.split('/').at(-1);
}

/** Returns whether a release's image list has the pause image that Rancher Desktop starts pods with. */
export function listsPauseImage(imageList: string): boolean {
  return imageList
    .split(/[\r\n]+/)
    .some((line) => line.trim().replace(/^(?!docker\.io\/)/, 'docker.io/') === PAUSE_IMAGE);
}
