import { parseTag, type ReleaseTag, tagPattern } from '../distribution/tag.ts';

export const RKE2_TAG: RegExp = tagPattern('rke2r');

/** Returns the parts of a tag such as `v1.31.2+rke2r1` or `v1.36.4-rc1+rke2r1`, or `undefined` when it is not one of an RKE2 release. */
export function parseRke2Tag(tag: string): ReleaseTag | undefined {
  return parseTag(tag, RKE2_TAG);
}

/**
 * Returns the tag of the release that a folder below `/var/lib/rancher/rke2/data` is named after, or `undefined`: its image tag, then
 * 12 hex digits (rke2, `pkg/bootstrap/bootstrap.go`): `v1.31.2-rke2r1-0123456789ab`.
 */
export function unpackedTag(name: string): string | undefined {
  const [, version, build] = /^(v\d.*)-(rke2r\d{1,6})-(?:.*-)?[0-9a-f]{12}$/.exec(name) ?? [];
  return version === undefined ? undefined : `${version}+${build}`;
}
