/** A program inside a component of a release. */
export interface ProgramSource {
  /** Name of the component. */
  readonly component: string;
  /** Path in its image. */
  readonly path: string;
}

export type ProgramName = 'oc' | 'openshift-install';

export const PROGRAMS: readonly ProgramName[] = ['oc', 'openshift-install'];

/** Returns what a program is called on a system. */
export function programFile(name: ProgramName, os: string): string {
  return os === 'windows' ? `${name}.exe` : name;
}

/**
 * Returns where a program for a platform may be, the best place first; empty when it is built for no such platform.
 * `architecture` is that of the release image (openshift/oc, `pkg/cli/admin/release/extract_tools.go`).
 */
export function programSources(
  name: ProgramName,
  platform: { readonly os: string; readonly architecture: string },
  architecture: string,
): readonly ProgramSource[] {
  const own = { oc: 'cli', 'openshift-install': 'installer' }[name];
  const { os } = platform;
  const isOwn = os === 'linux' && ['multi', platform.architecture].includes(architecture);
  const folder = artifactFolder(name, platform);
  return [
    ...(isOwn ? [{ component: own, path: `usr/bin/${name}` }] : []),
    ...(folder === undefined
      ? []
      : [
          {
            component: `${own}-artifacts`,
            path: `usr/share/openshift/${folder}/${programFile(name, os)}`,
          },
        ]),
  ];
}

function artifactFolder(
  name: ProgramName,
  { os, architecture }: { readonly os: string; readonly architecture: string },
): string | undefined {
  if (os === 'darwin') return { amd64: 'mac', arm64: 'mac_arm64' }[architecture];
  if (os === 'windows') return name === 'oc' && architecture === 'amd64' ? 'windows' : undefined;
  return os === 'linux' ? `linux_${architecture}` : undefined;
}
