import { parseTag, type ReleaseTag, tagPattern } from '../distribution/tag.ts';

/** The first tags of 2020 have a dot before the build. */
export const K3S_TAG: RegExp = tagPattern(String.raw`k3s\.?`);

/** Returns the parts of a tag such as `v1.30.6+k3s1` or `v1.31.3-rc2+k3s1`, or `undefined` when it is not one of a K3s release. */
export function parseK3sTag(tag: string): ReleaseTag | undefined {
  return parseTag(tag, K3S_TAG);
}
