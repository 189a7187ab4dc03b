import { type K3sTag, isOlderThan, parseK3sTag } from '../k3s/tag.ts';

/** The lowest version that Rancher Desktop 1.19 and newer offers. */
export const OLDEST_OFFERED = '1.25.3';

/** The sandbox image of Rancher Desktop's own containerd configuration; K3s moved on to 3.10.2 in July 2026. */
export const PAUSE_IMAGE = 'docker.io/rancher/mirrored-pause:3.6';

/** The names of the folders in its cache that it looks into; all others it passes over, those of release candidates too. */
const FOLDER = /^v\d+\.\d+\.\d+\+k3s\d+$/;

/** Returns the parts of a tag that is the name of a folder of the cache, or `undefined` when Rancher Desktop passes over it. */
export function parseDesktopTag(tag: string): K3sTag | undefined {
  const parsed = parseK3sTag(tag);
  return parsed !== undefined && isDesktopRelease(parsed) ? parsed : undefined;
}

/** Returns whether any Rancher Desktop takes a release out of its cache. */
export function isDesktopRelease({ tag }: K3sTag): boolean {
  return FOLDER.test(tag);
}

/** Returns whether Rancher Desktop 1.19 and newer passes over a release because of its age. */
export function isTooOld(tag: K3sTag): boolean {
  return isOlderThan(tag, OLDEST_OFFERED);
}

/** Returns whether an image is the pause image, whatever mirror it is named after. */
export function isPauseImage(name: string): boolean {
  return name.split('/').at(-1) === PAUSE_IMAGE.split('/').at(-1);
}

/** Returns whether a release's list of images has the pause image that Rancher Desktop starts pods with. */
export function listsPauseImage(imageList: string): boolean {
  return imageList
    .split(/[\r\n]+/)
    .some((line) => line.trim().replace(/^(?!docker\.io\/)/, 'docker.io/') === PAUSE_IMAGE);
}
