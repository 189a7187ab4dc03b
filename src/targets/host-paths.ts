import { posix, win32 } from 'node:path';
import { SaddlebagError } from '../internal/error.ts';
import { parsePlatform } from '../oci/platform.ts';

/** Everything that decides where a user's programs keep their files. */
export interface HostEnvironment {
  /** Operating system in Go and OCI terms: `linux`, `darwin`, `windows`. */
  readonly os: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The home directory, as the system reports it. */
  readonly home: string;
}

/** Node's architecture names in Go and OCI terms; names not listed are the same. */
const SYSTEMS: Readonly<Record<string, string>> = { win32: 'windows' };
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

/** The name of Saddlebag's own folders. */
export const STATE = 'saddlebag';

/** Returns the OCI platform for `process.platform` and `process.arch`. */
export function hostPlatformOf(
  platform: string,
  arch: string,
): { readonly os: string; readonly architecture: string } {
  return { os: SYSTEMS[platform] ?? platform, architecture: ARCHITECTURES[arch] ?? arch };
}

/** The usual names of operating systems, and those that products are released under. */
const USUAL_SYSTEMS: Readonly<Record<string, string>> = {
  linux: 'linux',
  windows: 'windows',
  win: 'windows',
  win32: 'windows',
  darwin: 'darwin',
  macos: 'darwin',
  osx: 'darwin',
  mac: 'darwin',
};

/**
 * Returns the host to install for, in any usual spelling: `windows/x64` is windows/amd64, `macos/arm64` is darwin/arm64.
 *
 * @throws `ERR_PLATFORM_INVALID`
 */
export function parseHostPlatform(text: string): { readonly os: string; readonly architecture: string } {
  const { os, architecture, variant } = parsePlatform(text);
  const known = USUAL_SYSTEMS[os];
  const isHost =
    HOST_ARCHITECTURES.includes(architecture) && (variant === undefined || architecture.startsWith('arm'));
  if (known !== undefined && isHost) return { os: known, architecture };
  throw new SaddlebagError(
    'ERR_PLATFORM_INVALID',
    `Cannot install for ${JSON.stringify(text)}: no host of that kind is known`,
    { hint: 'Write for example "linux/amd64", "linux/arm64", "windows/amd64" or "darwin/arm64".' },
  );
}

/** What K3s, kubectl or a desktop has ever been released for. */
const HOST_ARCHITECTURES: readonly string[] = ['amd64', 'arm64', 'arm', '386', 's390x', 'ppc64le', 'riscv64'];

/** Returns the root of Rancher Desktop's cache, as its `rdctl paths` prints it. */
export function rancherDesktopCache(host: HostEnvironment): string {
  if (host.os === 'windows') return win32.join(localAppData(host), 'rancher-desktop', 'cache');
  const home = unixHome(host);
  if (host.os === 'darwin') return posix.join(home, 'Library', 'Caches', 'rancher-desktop');
  return posix.join(filled(host.env['XDG_CACHE_HOME']) ?? posix.join(home, '.cache'), 'rancher-desktop');
}

/** Returns the directory under which kuberlr keeps its clients. `HOME` wins even on Windows, because kuberlr asks it first. */
export function kuberlrFolder(host: HostEnvironment): string {
  if (host.os !== 'windows') return posix.join(unixHome(host), '.kuberlr');
  return win32.join(filled(host.env['HOME']) ?? filled(host.env['USERPROFILE']) ?? host.home, '.kuberlr');
}

/**
 * Returns where kuberlr looks on Windows when the program that starts it does not set `HOME`, as Rancher Desktop and cmd do not, while
 * Git Bash does; `undefined` when that is the same place.
 */
export function otherKuberlrFolder(host: HostEnvironment): string | undefined {
  if (host.os !== 'windows') return undefined;
  const other = kuberlrFolder({ ...host, env: { ...host.env, HOME: undefined } });
  const own = kuberlrFolder(host);
  return win32.relative(own, other) === '' ? undefined : other;
}

/** Returns the directory in which Saddlebag keeps what must outlive a session, such as receipts. */
export function stateFolder(host: HostEnvironment): string {
  if (host.os === 'windows') return win32.join(localAppData(host), STATE);
  const home = unixHome(host);
  if (host.os === 'darwin') return posix.join(home, 'Library', 'Application Support', STATE);
  return posix.join(filled(host.env['XDG_STATE_HOME']) ?? posix.join(home, '.local', 'state'), STATE);
}

/** Returns the directory for what can be fetched again, such as runtimes of the kit. */
export function cacheFolder(host: HostEnvironment): string {
  if (host.os === 'windows') return win32.join(localAppData(host), STATE, 'cache');
  const home = unixHome(host);
  if (host.os === 'darwin') return posix.join(home, 'Library', 'Caches', STATE);
  return posix.join(filled(host.env['XDG_CACHE_HOME']) ?? posix.join(home, '.cache'), STATE);
}

/** Returns the path of the public key that a user trusts permanently. */
export function trustedKeyPath(host: HostEnvironment): string {
  if (host.os === 'windows') {
    const home = filled(host.env['USERPROFILE']) ?? host.home;
    const roaming = filled(host.env['APPDATA']) ?? win32.join(home, 'AppData', 'Roaming');
    return win32.join(roaming, STATE, 'trusted.pem');
  }
  if (host.os === 'darwin') return posix.join(stateFolder(host), 'trusted.pem');
  const config = filled(host.env['XDG_CONFIG_HOME']) ?? posix.join(unixHome(host), '.config');
  return posix.join(config, STATE, 'trusted.pem');
}

function localAppData(host: HostEnvironment): string {
  const home = filled(host.env['USERPROFILE']) ?? host.home;
  return filled(host.env['LOCALAPPDATA']) ?? win32.join(home, 'AppData', 'Local');
}

function unixHome(host: HostEnvironment): string {
  return filled(host.env['HOME']) ?? host.home;
}

/** Treats an empty variable as unset, as the programs themselves do. */
function filled(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}
