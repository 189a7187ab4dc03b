import type { Platform } from '../../oci/platform.ts';

type Desktop = Pick<Platform, 'os' | 'architecture'>;

/**
 * Platforms of the clients a desktop may run, its own first. On Apple silicon, Rancher Desktop up to 1.14 ran the amd64
 * kuberlr.
 */
const CLIENTS: Readonly<Record<string, readonly string[]>> = {
  'darwin/amd64': ['darwin/amd64'],
  'darwin/arm64': ['darwin/arm64', 'darwin/amd64'],
  'linux/amd64': ['linux/amd64'],
  'linux/arm64': ['linux/arm64'],
  'windows/amd64': ['windows/amd64'],
};

/** Platforms that Rancher Desktop is released for, sorted. */
export const DESKTOP_PLATFORMS: readonly string[] = Object.keys(CLIENTS);

/**
 * Returns the architecture of the K3s inside Rancher Desktop's virtual machine, or `undefined` where there is no Rancher
 * Desktop. On Windows it is always `amd64` (`kube/wsl.ts`).
 */
export function desktopArchitecture(desktop: Desktop): 'amd64' | 'arm64' | undefined {
  const platform = releasedFor(desktop);
  if (CLIENTS[platform] === undefined) return undefined;
  return platform.endsWith('/arm64') ? 'arm64' : 'amd64';
}

/** Returns the kubectl platforms a desktop may run, its own first, or `undefined` where there is no Rancher Desktop. */
export function desktopClients(desktop: Desktop): readonly string[] | undefined {
  return CLIENTS[releasedFor(desktop)];
}

/** Windows on ARM runs the amd64 program. */
function releasedFor({ os, architecture }: Desktop): string {
  return os === 'windows' && architecture === 'arm64' ? 'windows/amd64' : `${os}/${architecture}`;
}
