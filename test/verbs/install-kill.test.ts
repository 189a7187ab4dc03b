import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import type { Registry } from '../../src/oci/roles.ts';
import { encodeVersionList } from '../../src/products/rancher-desktop/version-list.ts';
import type { TargetChoice } from '../../src/targets/choice.ts';
import { allTraces, decodeReceipt } from '../../src/targets/receipts/receipt.ts';
import { bury, dieAfter, type DyingProcess } from '../support/disk/dying-disk.ts';
import { KILLED_INSTALL, type KilledInstall } from '../support/process/killed-install.ts';
import { install, type InstallLab, installLab, takeBack } from '../support/sites/install-lab.ts';
import { filesUnder, namesUnder } from '../support/tree.ts';

type At = InstallLab['at'];

const PLACES: readonly (readonly [string, (at: At) => TargetChoice])[] = [
  ['files', (at) => ({ files: at('world/files/deep') })],
  ['kuberlr', (at) => ({ kuberlr: at('world/kuberlr') })],
  ['the cache of Rancher Desktop', (at) => ({ 'rancher-desktop': at('world/cache') })],
  ['a new cache of Rancher Desktop', (at) => ({ 'rancher-desktop': at('world/new/cache') })],
  ['a node', (at) => ({ 'k3s-node': at('world/node') })],
  ['a registry', () => ({ registry: ['localhost:5000'] })],
];

describe('what an install left that was killed at any change', () => {
  describe.each(PLACES)('to %s', (_, where) => {
    it.each([
      ['after a second run', true],
      ['right away', false],
    ])('is in a receipt, and goes with an uninstall %s', { timeout: 120_000 }, async (_when, isRunAgain) => {
      const lab = await world();
      const before = stateOf(lab);
      const options = { ...lab.options, targets: where(lab.at) };
      let kills = 0;
      for (; await dies(lab, options.targets, kills); kills += 1) {
        expectAccounted(lab, before);
        // Before there is a receipt nothing was changed.
        const isInstalled = isRunAgain || receiptsIn(lab).length === 0;
        if (isInstalled) await install(options);
        expect({ kills, hidden: isInstalled ? hiddenIn(lab) : [] }).toEqual({ kills, hidden: [] });
        for (const receipt of receiptsIn(lab)) await takeBack(receipt, lab.options);
        expect({ kills, ...stateOf(lab) }).toEqual({ kills, ...before });
      }
      expect(kills).toBeGreaterThan(10);
      for (const receipt of receiptsIn(lab)) await takeBack(receipt, lab.options);
      expect(stateOf(lab)).toEqual(before);
    });
  });

  it('hides nothing in a folder of images after a second run', async () => {
    const lab = await world();
    const options = { ...lab.options, targets: { registry: [`embedded:${lab.at('world/images')}`] } };
    let kills = 0;
    for (; await dies(lab, options.targets, kills); kills += 1) {
      await install(options);
      expect({ kills, hidden: hiddenIn(lab) }).toEqual({ kills, hidden: [] });
      rmSync(lab.at('world/images'), { recursive: true });
      for (const receipt of receiptsIn(lab)) rmSync(receipt);
    }
    expect(kills).toBeGreaterThan(10);
  });

  it('is hidden nowhere in a cache of Rancher Desktop when the uninstall was killed, and run again', async () => {
    const lab = await world();
    mkdirSync(lab.at('world/own'));
    writeFileSync(lab.at('world/own/mine'), 'mine');
    const options = { ...lab.options, targets: { 'rancher-desktop': lab.at('world/own') } };
    let kills = 0;
    for (let isDead = true; isDead; kills += 1) {
      await install(options);
      const [receipt = ''] = receiptsIn(lab);
      isDead = await diesTakingBack(lab, receipt, kills);
      for (const left of receiptsIn(lab)) await takeBack(left, lab.options);
      const hidden = namesUnder(lab.at('world')).filter((name) => name.includes('.saddlebag-'));
      expect({ kills, hidden }).toEqual({ kills, hidden: [] });
    }
    expect(kills).toBeGreaterThan(5);
  });

  it('goes as well where a real process is killed', { timeout: 120_000 }, async () => {
    const lab = await world();
    const before = stateOf(lab);
    const targets = Object.assign({}, ...PLACES.map(([, where]) => where(lab.at)), { registry: undefined });
    const wish = { path: lab.options.path, targets };
    let survived = 0;
    // Not at every change: a process takes its time to start.
    for (; (await killedInstall({ wish, home: lab.home, survived })) !== 'done'; survived += 9) {
      expectAccounted(lab, before);
      await install({ ...lab.options, targets });
      for (const receipt of receiptsIn(lab)) await takeBack(receipt, lab.options);
      expect({ survived, ...stateOf(lab) }).toEqual({ survived, ...before });
    }
    expect(survived).toBeGreaterThan(40);
  });
});

/** A disk with something of the user's wherever something is to be placed. */
async function world(): Promise<InstallLab> {
  const lab = await installLab();
  for (const folder of ['files', 'cache/k3s', 'node/usr/local'])
    mkdirSync(lab.at(`world/${folder}`), { recursive: true });
  writeFileSync(lab.at('world/files/mine'), 'mine');
  const list = encodeVersionList({ versions: ['v1.29.1+k3s1'], channels: {} });
  writeFileSync(lab.at('world/cache/k3s-versions.json'), list);
  return lab;
}

/** Installs until so many changes were made; returns whether there were that many. */
async function dies(lab: InstallLab, targets: TargetChoice, changes: number): Promise<boolean> {
  using process = dieAfter(changes);
  const openRegistry = (host: string): Registry => dyingRegistry(lab, host, process);
  const died = await install({ ...lab.options, openRegistry, targets }).then(
    () => false,
    () => true,
  );
  bury(lab.at('.'));
  return died;
}

async function diesTakingBack(lab: InstallLab, receipt: string, changes: number): Promise<boolean> {
  using _process = dieAfter(changes);
  const died = await takeBack(receipt, lab.options).then(
    () => false,
    () => true,
  );
  bury(lab.at('.'));
  return died;
}

function dyingRegistry(lab: InstallLab, host: string, { change }: DyingProcess): Registry {
  const registry = lab.options.openRegistry?.(host);
  if (registry === undefined) throw new Error('no registry');
  return {
    ...registry,
    repository: (name) => {
      const repository = registry.repository(name);
      return Object.assign(Object.create(repository), {
        push: async (...args: Parameters<typeof repository.push>) => {
          change();
          return await repository.push(...args);
        },
        tag: async (...args: Parameters<typeof repository.tag>) => {
          change();
          return await repository.tag(...args);
        },
      });
    },
  };
}

/** All that an install may change, but for the folders above those of receipts: they are made before there is a receipt. */
function stateOf(lab: InstallLab): {
  readonly world: readonly string[];
  readonly files: unknown;
  readonly images: unknown;
} {
  const names = ['rancher/rancher:v2.9.2', 'quay.io/jetstack/cert-manager-controller:v1.15.3'];
  return {
    world: namesUnder(lab.at('world')),
    files: [filesUnder(lab.at('world')), filesUnder(lab.home)],
    images: names.map((name) => lab.registry.content.manifest(...split(name))?.digest),
  };
}

/** What nobody reads: files that grow, and locks. */
function hiddenIn(lab: InstallLab): readonly string[] {
  const names = [...namesUnder(lab.at('world')), ...namesUnder(lab.home)];
  return names.filter((name) => name.includes('.saddlebag-'));
}

function split(name: string): [string, string] {
  const [repository = '', tag = ''] = name.split(':');
  return [repository, tag];
}

/** What lies in the world was there before, is in a receipt, or is still growing under a name that nobody reads. */
function expectAccounted(lab: InstallLab, before: ReturnType<typeof stateOf>): void {
  const receipts = receiptsIn(lab).map((path) => decodeReceipt(readFileSync(path)));
  const known = new Set(receipts.flatMap((receipt) => allTraces(receipt).paths));
  const unknown = Object.keys(filesUnder(lab.at('world'))).filter(
    (name) => !name.includes('.saddlebag-') && !known.has(lab.at(join('world', name))),
  );
  expect(unknown.filter((name) => !before.world.includes(name))).toEqual([]);
}

function receiptsIn(lab: InstallLab): readonly string[] {
  const folder = join(lab.home, '.local/state/saddlebag/receipts');
  const names = namesUnder(folder).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
  return names.map((name) => join(folder, name));
}

async function killedInstall(run: KilledInstall): Promise<string> {
  const child = spawn(process.execPath, [KILLED_INSTALL, JSON.stringify(run)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return await text(child.stdout);
}
