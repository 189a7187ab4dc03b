import { parseTag, type ReleaseTag, tagPattern } from '../distribution/tag.ts';

export const RKE2_TAG: RegExp = tagPattern('rke2r');

/** Returns the parts of a tag such as `v1.31.2+rke2r1` or `v1.36.4-rc1+rke2r1`, or `undefined` when it is not one of an RKE2 release. */
export function parseRke2Tag(tag: string): ReleaseTag | undefined {
  return parseTag(tag, RKE2_TAG);
}
