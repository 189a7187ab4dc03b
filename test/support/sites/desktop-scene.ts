import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { OpenBundle } from '../../../src/bundle/bundle.ts';
import type { Finding } from '../../../src/internal/finding.ts';
import { rancherDesktopTarget } from '../../../src/targets/rancher-desktop/rancher-desktop.ts';
import type { Target } from '../../../src/targets/target.ts';
import type { PlannedSample } from '../planned/items.ts';
import { bundleOf } from '../samples/target-samples.ts';
import { temporaryFolder } from '../temporary.ts';

export const TAG = 'v1.30.6+k3s1';
export const OTHER = 'v1.31.2+k3s1';
export const ZST = 'k3s-airgap-images-amd64.tar.zst';
export const TAR = 'k3s-airgap-images-amd64.tar';
export const LIST: {
  readonly cacheVersion: 2;
  readonly versions: string[];
  readonly channels: Record<string, string>;
} = {
  cacheVersion: 2,
  versions: ['v1.29.4+k3s1', TAG, OTHER],
  channels: { stable: '1.30.6', latest: '1.31.2' },
};
export const LINUX: { readonly os: string; readonly architecture: string } = {
  os: 'linux',
  architecture: 'amd64',
};

/** A bundle, the cache it goes to, and the target between them. */
export interface DesktopScene {
  readonly bundle: OpenBundle;
  readonly cache: string;
  readonly target: Target;
}

/** Returns a scene whose cache does not exist yet. */
export async function desktopScene(
  samples: readonly PlannedSample[],
  platform: typeof LINUX = LINUX,
): Promise<DesktopScene> {
  const scratch = temporaryFolder();
  onTestFinished(() => scratch[Symbol.dispose]());
  const cache = join(scratch.path, 'rancher-desktop');
  const bundle = await bundleOf(samples);
  return { bundle, cache, target: rancherDesktopTarget(bundle, { cache, platform }) };
}

/** Returns the findings that are errors. */
export function errorsOf(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ level }) => level === 'error');
}

/** Returns the version list in a cache. */
export function listIn(cache: string): unknown {
  return JSON.parse(readFileSync(join(cache, 'k3s-versions.json'), 'utf8'));
}

/** Puts a version list into a cache. */
export function writeList(cache: string, document: unknown): void {
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, 'k3s-versions.json'), JSON.stringify(document));
}
