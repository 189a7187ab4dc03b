import type { ReleaseNumbers } from './numbers.ts';

/** Where an upgrade starts: what is running today, as exactly as the user knows it. */
export interface UpgradeStart {
  /** As written. */
  readonly text: string;
  readonly major: number;
  readonly minor: number;
  /** Left out for `v1.27.x` and `v1.27`. */
  readonly patch?: number | undefined;
  /** The release, when it is written to the last number. */
  readonly release?: ReleaseNumbers | undefined;
}

const MINOR = /^v?(\d{1,6})\.(\d{1,6})(?:\.(?:x|(\d{1,6})))?$/i;

/**
 * Returns what a text such as `v1.27.x`, `1.27`, `v1.27.4` or `v1.27.4+k3s1` means, or `undefined` for any other text. `parse` reads
 * the tag of a release.
 */
export function parseStart(
  text: string,
  parse: (tag: string) => ReleaseNumbers | undefined,
): UpgradeStart | undefined {
  const release = parse(text.startsWith('v') ? text : `v${text}`);
  if (release !== undefined) {
    const { major, minor, patch } = release;
    return { text, major, minor, patch, release };
  }
  const [, major, minor, patch] = MINOR.exec(text) ?? [];
  if (major === undefined || minor === undefined) return undefined;
  return {
    text,
    major: Number(major),
    minor: Number(minor),
    patch: patch === undefined ? undefined : Number(patch),
  };
}
