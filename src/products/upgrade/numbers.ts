/** The numbers by which releases of any product are ordered. */
export interface ReleaseNumbers {
  /** As released: `v1.30.6+k3s1`, `v2.9.2`. */
  readonly tag: string;
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** The number after `k3s` or `rke2r`; 0 for a product without builds. */
  readonly build: number;
  readonly prerelease: boolean;
}

/** Compares two releases by number; SemVer ignores the build, and nodes do not. A release comes after its previews. */
export function compareNumbers(left: ReleaseNumbers, right: ReleaseNumbers): number {
  return (
    left.major - right.major ||
    left.minor - right.minor ||
    left.patch - right.patch ||
    Number(right.prerelease) - Number(left.prerelease) ||
    left.build - right.build
  );
}

/** Returns the newest release, a preview only when there is nothing else; `undefined` when there is none. */
export function newestOf<Release extends ReleaseNumbers>(releases: readonly Release[]): Release | undefined {
  const finals = releases.filter(({ prerelease }) => !prerelease);
  return (finals.length > 0 ? finals : releases).toSorted(compareNumbers).at(-1);
}

/** Returns how people call a minor release: `v1.28`. */
export function formatMinor({ major, minor }: Pick<ReleaseNumbers, 'major' | 'minor'>): string {
  return `v${major}.${minor}`;
}
