import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { TestContext } from 'vitest';

/** A real program that tests run against. */
export type PeerName =
  | 'docker-registry'
  | 'skopeo'
  | 'ctr'
  | 'containerd'
  | 'podman'
  | 'docker'
  | 'dockerd'
  | 'chromium'
  | 'curl'
  | 'openssl'
  | 'systemd-analyze'
  | 'tar'
  | 'cp'
  | 'shasum'
  | 'python3'
  | 'zip'
  | 'unzip'
  | 'losetup'
  | 'mkfs.ext4'
  | 'mkfs.vfat'
  | 'mkfs.exfat'
  | 'mount.exfat-fuse'
  | 'fusefat'
  | 'mkfs.ntfs'
  | 'ntfs-3g'
  | 'bash'
  | 'zsh'
  | 'fish'
  | 'mandoc'
  | 'busybox'
  | 'wine'
  | 'qemu-aarch64-static';

const announced = new Set<PeerName>();

/**
 * Returns the path of a peer, or `undefined` after saying that its tests are left out. With `CI=true` a missing peer is a
 * failure: there, a test that did not run would pass for one that did.
 */
export function peer(name: PeerName): string | undefined {
  const path = find(name);
  if (path !== undefined) return path;
  if (process.env['CI'] === 'true') throw new Error(`Cannot test with ${name}: it is not installed`);
  if (!announced.has(name)) process.stderr.write(`skipped: ${name} not installed\n`);
  announced.add(name);
  return undefined;
}

/** Returns the path of a peer; where it is missing, the test ends here as skipped. */
export function requirePeer(context: TestContext, name: PeerName): string {
  return peer(name) ?? context.skip(`skipped: ${name} not installed`);
}

function find(name: string): string | undefined {
  // Daemons live where the PATH of an ordinary user does not lead.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find((path) => isExecutable(path));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
