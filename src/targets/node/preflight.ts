import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { statOf } from '../../disk/stat.ts';
import type { Finding } from '../../internal/finding.ts';
import { type FilePlace, locateFile } from '../placed-files.ts';
import { mountOptions } from './mounts.ts';
import type { NodeProduct } from './product.ts';

/** Ceiling (bytes) of a file of settings. */
const LIMIT = 64 * 1024;

/**
 * Returns what stands in the way of a node of `product` at `at`, with what to do about it: a product that runs already, SELinux
 * without its policy, and for this host itself filesystems that let no program start.
 */
export async function preflight(product: NodeProduct, at: FilePlace): Promise<readonly Finding[]> {
  const found = [await running(product, at), await unconfined(product, at), await noexec(product, at)];
  return found.flat();
}

/** systemd keeps a link for each unit that runs (systemd, `src/core/unit.c`, "invocation:"). */
async function running({ name, units }: NodeProduct, at: FilePlace): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const unit of units) {
    if (!(await exists(at, `run/systemd/units/invocation:${unit}.service`))) continue;
    findings.push({
      level: 'warning',
      message: `${name} is running on the node, as ${unit}`,
      hint: `Install the new release as it says at the end, then "systemctl restart ${unit}"; servers first, one after the other. Images alone are imported while it runs, since v1.30.9, v1.31.5 and v1.32.0.`,
    });
  }
  return findings;
}

async function unconfined({ name, selinux }: NodeProduct, at: FilePlace): Promise<readonly Finding[]> {
  const config = (await textAt(at, 'etc/selinux/config')) ?? '';
  if (!/^\s*SELINUX\s*=\s*enforcing\s*$/im.test(config)) return [];
  if (await exists(at, selinux.policy)) return [];
  return [
    {
      level: 'warning',
      message: `SELinux is enforcing on the node, and has no policy for ${name}`,
      hint: `Install the package "${selinux.package}", and write "selinux: true" in the config.yaml of the node.`,
    },
  ];
}

/** How a disk is mounted here says nothing about the host that it belongs to. */
async function noexec({ name, programs }: NodeProduct, at: FilePlace): Promise<readonly Finding[]> {
  if (at.folder !== '/') return [];
  const mountinfo = await readFile('/proc/self/mountinfo', 'utf8');
  const places = await Promise.all(
    programs.map(async (folder) => await locateFile(at, join(at.folder, folder))),
  );
  return places
    .filter((place) => mountOptions(place, mountinfo).has('noexec'))
    .map((place) => ({
      level: 'warning',
      message: `The filesystem of "${place}" is mounted noexec: ${name} starts programs there`,
      hint: 'Mount it without noexec before the node starts.',
    }));
}

async function exists(at: FilePlace, path: string): Promise<boolean> {
  return (await statOf(await locateFile(at, join(at.folder, path)), { follow: false })) !== undefined;
}

async function textAt(at: FilePlace, path: string): Promise<string | undefined> {
  const real = await locateFile(at, join(at.folder, path));
  const stats = await statOf(real, { follow: false });
  return stats?.isFile() === true && stats.size <= LIMIT ? await readFile(real, 'utf8') : undefined;
}
