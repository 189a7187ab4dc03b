import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { Ears } from '../../../src/steps/ears.ts';
import type { Surroundings } from '../../../src/steps/surroundings.ts';
import {
  installBundle,
  type InstallProgress,
  type InstallResult,
  type InstallWish,
} from '../../../src/verbs/install.ts';
import { uninstall, type UninstallResult, type UninstallWish } from '../../../src/verbs/uninstall.ts';
import type { Registry } from '../../../src/oci/roles.ts';
import { plannedImage, type PlannedSample } from '../planned/items.ts';
import { openTestClient } from '../registry/client.ts';
import { type InProcessRegistry, startRegistry } from '../registry/registry.ts';
import { sampleBundle } from '../samples/sample-bundle.ts';
import { fileSample, k3sSample, kubectlSample, versionListSample } from '../samples/target-samples.ts';
import { temporaryFolder } from '../temporary.ts';
import { namesUnder } from '../tree.ts';

/** The K3s release of {@link LAB}. */
export const TAG = 'v1.30.6+k3s1';
/** Something for every target. */
export const LAB: readonly PlannedSample[] = [
  plannedImage('docker.io/rancher/rancher:v2.9.2', { sharedLayers: ['base'] }),
  plannedImage('quay.io/jetstack/cert-manager-controller:v1.15.3', { sharedLayers: ['base'] }),
  k3sSample(TAG),
  versionListSample({ cacheVersion: 2, versions: [TAG], channels: { stable: '1.30.6' } }),
  kubectlSample('1.30.6', 'linux/amd64'),
  fileSample('tool', { executable: true }),
];

/** All that a test says of an install, in one: the wish, the surroundings, the ears. */
export type LabOptions = InstallWish & Surroundings & Ears<InstallProgress>;

export interface InstallLab {
  readonly root: string;
  readonly home: string;
  readonly registry: InProcessRegistry;
  readonly options: LabOptions;
  readonly at: (path: string) => string;
}

/** A bundle on the disk, an empty home, and a registry that answers for localhost:5000. */
export async function installLab(samples: readonly PlannedSample[] = LAB): Promise<InstallLab> {
  const scratch = temporaryFolder();
  onTestFinished(() => scratch[Symbol.dispose]());
  const at = (path: string): string => join(scratch.path, path);
  const { tar, plan } = sampleBundle(samples);
  writeFileSync(at('lab.tar'), tar);
  mkdirSync(at('home'));
  const registry = await startRegistry();
  onTestFinished(() => registry[Symbol.asyncDispose]());
  return {
    root: plan.root,
    home: at('home'),
    registry,
    at,
    options: {
      path: at('lab.tar'),
      env: {},
      home: at('home'),
      host: { platform: 'linux', arch: 'x64' },
      openRegistry: registryOpener(registry.host),
    },
  };
}

/** Installs as a test says. */
export async function install(options: LabOptions): Promise<InstallResult> {
  const { env, home, host, openRegistry, signal, onFinding, onProgress, ...wish } = options;
  return await installBundle(wish, { env, home, host, openRegistry }, { signal, onFinding, onProgress });
}

/** Takes back what an install left, as a test says. */
export async function takeBack(
  receipt: string,
  options: Omit<UninstallWish, 'receipt'> & Surroundings & Omit<Ears, 'onProgress'>,
): Promise<UninstallResult> {
  const { env, home, host, openRegistry, signal, onFinding, dryRun, registriesFile } = options;
  const wish = { receipt, dryRun, registriesFile };
  return await uninstall(wish, { env, home, host, openRegistry }, { signal, onFinding });
}

/** Port 5000 may be taken on the machine of the tests, so another one stands in for it. */
export function registryOpener(standIn: string): (host: string) => Registry {
  const client = openTestClient();
  onTestFinished(() => client[Symbol.asyncDispose]());
  return (host) => ({ ...client.open(standIn), host });
}

/** Expects that an install changed nothing. */
export function expectUntouched(lab: InstallLab): void {
  expect(namesUnder(lab.home)).toEqual([]);
  expect(lab.registry.log.entries.filter(({ method }) => !['GET', 'HEAD'].includes(method))).toEqual([]);
}
