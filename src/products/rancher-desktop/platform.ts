import type { Platform } from '../../oci/platform.ts';

type Desktop = Pick<Platform, 'os' | 'architecture'>;

/** The clients that a desktop may run, its own first. Rancher Desktop on Apple silicon up to 1.14 ran the amd64 kuberlr. */
const CLIENTS: Readonly<Record<string, readonly string[]>> = {
  'darwin/amd64': ['darwin/amd64'],
  'darwin/arm64': ['darwin/arm64', 'darwin/amd64'],
  'linux/amd64': ['linux/amd64'],
  'linux/arm64': ['linux/arm64'],
  'windows/amd64': ['windows/amd64'],
};

/** What Rancher Desktop is released for, sorted. */
export const DESKTOP_PLATFORMS: readonly string[] = Object.keys(CLIENTS);

/**
 * Returns the K3s that a Rancher Desktop runs in its virtual machine, or `undefined` where there is no Rancher Desktop. On Windows
 * that is always `amd64` (`kube/wsl.ts`).
 */
export function desktopArchitecture(desktop: Desktop): 'amd64' | 'arm64' | undefined {
  const platform = releasedFor(desktop);
  if (CLIENTS[platform] === undefined) return undefined;
  return platform.endsWith('/arm64') ? 'arm64' : 'amd64';
}

/** Returns the platforms whose kubectl a desktop may run, its own first, or `undefined` where there is no Rancher Desktop. */
export function desktopClients(desktop: Desktop): readonly string[] | undefined {
  return CLIENTS[releasedFor(desktop)];
}

/** Windows on ARM runs the program for amd64. */
function releasedFor({ os, architecture }: Desktop): string {
  return os === 'windows' && architecture === 'arm64' ? 'windows/amd64' : `${os}/${architecture}`;
}
