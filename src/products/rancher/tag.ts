import type { ReleaseNumbers } from '../upgrade/numbers.ts';

/** The tag of a release of Rancher, candidates included: `v2.9.2`, `v2.9.2-rc1`. */
const RANCHER_TAG = /^v(\d{1,6})\.(\d{1,6})\.(\d{1,6})(-(?:alpha|beta|rc)\.?\d{1,6})?$/;

/** Returns the parts of a tag such as `v2.9.2`, or `undefined` when it is not one of a Rancher release. */
export function parseRancherTag(tag: string): ReleaseNumbers | undefined {
  const [, major, minor, patch, preview] = RANCHER_TAG.exec(tag) ?? [];
  if (major === undefined || minor === undefined || patch === undefined) return undefined;
  return {
    tag,
    major: Number(major),
    minor: Number(minor),
    patch: Number(patch),
    build: 0,
    prerelease: preview !== undefined,
  };
}
