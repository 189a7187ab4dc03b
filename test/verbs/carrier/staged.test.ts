import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/oci/digest.ts';
import { temporaryName } from '../../../src/disk/sharing/temporary.ts';
import type { TargetChoice } from '../../../src/targets/choice.ts';
import { allTraces, decodeReceipt } from '../../../src/targets/receipts/receipt.ts';
import { pushBundle } from '../../../src/verbs/carrier/push.ts';
import { bury, dieAfter } from '../../support/disk/dying-disk.ts';
import { mountSmallDisk, NO_SMALL_DISK } from '../../support/peers/small-disk.ts';
import { plannedImage, type PlannedSample } from '../../support/planned/items.ts';
import { incompressibleBytes } from '../../support/samples/sample-image.ts';
import {
  artifactSample,
  k3sSample,
  kubectlSample,
  versionListSample,
} from '../../support/samples/target-samples.ts';
import {
  install,
  type InstallLab,
  installLab,
  type LabOptions,
  TAG,
  takeBack,
} from '../../support/sites/install-lab.ts';
import { problemsOf, thrownBy } from '../../support/thrown.ts';
import { filesUnder, modeOf, namesUnder } from '../../support/tree.ts';

const TWICE = incompressibleBytes('twice', 7000);
/** Files in folders, one content twice, and something for every target that has files. */
const SAMPLES: readonly PlannedSample[] = [
  plannedImage('docker.io/rancher/rancher:v2.9.2', { layerBytes: 3000 }),
  k3sSample(TAG),
  versionListSample({ cacheVersion: 2, versions: [TAG], channels: { stable: '1.30.6' } }),
  kubectlSample('1.30.6', 'linux/amd64'),
  artifactSample({ kind: 'file', name: 'tree', audience: ['files'] }, [
    { name: 'tree/tool', bytes: incompressibleBytes('tool', 9000), executable: true },
    { name: 'tree/one', bytes: TWICE },
    { name: 'tree/deep/two', bytes: TWICE },
  ]),
];
/** Digests of what is large enough to be no document. */
const LARGE = [
  ...new Set(
    SAMPLES.flatMap(({ contents }) => contents)
      .filter(({ descriptor }) => descriptor.size >= 3000)
      .map(({ descriptor }) => descriptor.digest),
  ),
];

describe('an install of files out of a registry', () => {
  it.each<readonly [string, (at: InstallLab['at']) => TargetChoice, number]>([
    ['a folder', (at) => ({ files: at('world/files') }), 2],
    ['a node', (at) => ({ 'k3s-node': at('world/node') }), 2],
    ['the cache of Rancher Desktop', (at) => ({ 'rancher-desktop': at('world/cache') }), 2],
    ['a folder of images', (at) => ({ registry: [`embedded:${at('world/images')}`] }), 2],
    ['all of them', everywhere, 4],
  ])('reads what goes to %s once, and places it as out of a file', async (_, where, count) => {
    const lab = await carried();
    lab.registry.log.clear();
    const { actions } = await install({ ...lab.options, targets: where(lab.at) });
    const read = LARGE.map((digest) => requestsFor(lab, digest)).filter((times) => times > 0);
    expect(read).toEqual(Array.from({ length: count }, () => 1));
    const file = await installLab(SAMPLES);
    const same = await install({ ...file.options, targets: where(file.at) });
    expect(filesUnder(lab.at('world'))).toEqual(filesUnder(file.at('world')));
    expect(modesUnder(lab.at('world'))).toEqual(modesUnder(file.at('world')));
    expect(actions.map(({ name, bytes, outcome }) => ({ name, bytes, outcome }))).toEqual(
      same.actions.map(({ name, bytes, outcome }) => ({ name, bytes, outcome })),
    );
  });

  it('writes nothing in a dry run', async () => {
    const lab = await carried();
    await install({ ...lab.options, targets: everywhere(lab.at), dryRun: true });
    expect(namesUnder(lab.at('world'))).toEqual([]);
    expect(namesUnder(lab.home)).toEqual([]);
  });

  it('places nothing when one blob of it is damaged, and leaves nothing', async () => {
    const lab = await carried();
    for (const digest of LARGE.slice(-2))
      lab.registry.inject({
        on: 'GET blob',
        path: new RegExp(digest.slice(7)),
        times: 99,
        action: { type: 'corrupt', atByte: 9 },
      });
    const problems = await problemsOf(install({ ...lab.options, targets: everywhere(lab.at) }));
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
      'ERR_DIGEST_MISMATCH',
      'ERR_DIGEST_MISMATCH',
    ]);
    expect(namesUnder(lab.at('world'))).toEqual([]);
    expect(namesUnder(lab.home)).toEqual([]);
    // A base makes it good; the rest is read once all the same.
    const bases = [lab.at('lab.tar')];
    await install({ ...lab.options, bases, targets: { files: lab.at('world/files') } });
    expect(readFileSync(lab.at('world/files/tree/deep/two')).equals(TWICE)).toBe(true);
    expect(namesUnder(lab.at('world')).filter((name) => name.includes('.saddlebag'))).toEqual([]);
  });

  it.each(['verify', 'apply'] as const)('leaves nothing half done when it is stopped at %s', async (when) => {
    const lab = await carried();
    const stop = new AbortController();
    const targets = everywhere(lab.at);
    let isTaken = false;
    const onProgress: LabOptions['onProgress'] = ({ phase }) => {
      // The head is verified before the targets plan.
      if (phase === 'plan') isTaken = true;
      if (isTaken && phase === when) stop.abort();
    };
    const error = await thrownBy(install({ ...lab.options, targets, signal: stop.signal, onProgress }));
    expect(error.code).toBe('ERR_INTERRUPTED');
    const names = namesUnder(lab.at('world'));
    expect(names.filter((name) => name.includes('.saddlebag'))).toEqual([]);
    expect(when === 'verify' ? [...names, ...namesUnder(lab.home)] : []).toEqual([]);
    await install({ ...lab.options, targets });
    expect(readFileSync(lab.at('world/files/tree/one')).equals(TWICE)).toBe(true);
  });

  it('stays within a root whose links start at it, and out of a link that leads out of a folder', async () => {
    const lab = await carried();
    mkdirSync(lab.at('world/node/var/lib'), { recursive: true });
    symlinkSync('/data', lab.at('world/node/var/lib/rancher'));
    await install({ ...lab.options, targets: { 'k3s-node': lab.at('world/node') } });
    expect(namesUnder(lab.at('world/node/data/k3s/agent/images'))).toContain(
      'k3s-airgap-images-amd64.tar.zst',
    );
    mkdirSync(lab.at('world/files'));
    const onProgress: LabOptions['onProgress'] = () => {
      if (existsSync(lab.at('world/moved')) || !existsSync(lab.at('world/files/tree'))) return;
      renameSync(lab.at('world/files/tree'), lab.at('world/moved'));
      symlinkSync(lab.at('home'), lab.at('world/files/tree'));
    };
    const error = await thrownBy(
      install({ ...lab.options, targets: { files: lab.at('world/files') }, onProgress }),
    );
    expect(error.message).toMatch(/leads out of/);
    expect(namesUnder(lab.at('home')).filter((name) => !name.startsWith('.local'))).toEqual([]);
  });

  it('places nothing on a disk that fills up meanwhile, and takes up afterwards what fits', async (context) => {
    if (NO_SMALL_DISK !== undefined) context.skip(NO_SMALL_DISK);
    using disk = mountSmallDisk(128 * 1024);
    const big = incompressibleBytes('big', 70_000);
    const sample = artifactSample({ kind: 'file', name: 'big', audience: ['files'] }, [
      { name: 'big', bytes: big },
    ]);
    const lab = await carried([sample]);
    const files = join(disk.path, 'files');
    const options = { ...lab.options, targets: { files } };
    const onProgress: LabOptions['onProgress'] = ({ phase }) => {
      if (phase === 'plan') fill = true;
      else if (fill && phase === 'verify') writeFileSync(join(disk.path, 'other'), Buffer.alloc(100_000));
    };
    let fill = false;
    expect(await thrownBy(install({ ...options, onProgress }))).toMatchObject({ code: 'ERR_DISK_FULL' });
    expect(namesUnder(disk.path)).toEqual(['other']);
    // What a killed run has staged counts as free, for the next one takes it up.
    writeFileSync(join(disk.path, 'other'), '');
    mkdirSync(files);
    writeFileSync(join(files, temporaryName(digestOf(big).slice(7, 47))), big);
    expect(await thrownBy(install(options))).toMatchObject({ code: 'ERR_DISK_FULL' });
    bury(files);
    lab.registry.log.clear();
    await install(options);
    expect(requestsFor(lab, digestOf(big))).toBe(0);
    expect(namesUnder(files)).toEqual(['big']);
  });
});

describe('an install out of a registry that was killed at any change', () => {
  it(
    'is in a receipt, goes with an uninstall, and does not read again what it had',
    { timeout: 240_000 },
    async () => {
      const lab = await carried();
      const targets = everywhere(lab.at);
      mkdirSync(lab.at('world/files'), { recursive: true });
      writeFileSync(lab.at('world/files/mine'), 'mine');
      const before = stateOf(lab);
      const seen = { kills: 0, kept: 0, partial: 0 };
      for (let changes = 0; await dies(lab, targets, changes); changes += 9) {
        seen.kills += 1;
        expectAccounted(lab);
        const isRunAgain = seen.kills % 3 !== 0 || receiptsIn(lab).length === 0;
        const { whole, cut } = isRunAgain ? stagedIn(lab) : { whole: [], cut: [] };
        lab.registry.log.clear();
        // What cannot be taken up is removed, also by an install out of the file.
        const path = seen.kills % 4 === 0 ? lab.at('lab.tar') : lab.options.path;
        if (isRunAgain) await install({ ...lab.options, path, targets });
        const hidden = namesUnder(lab.at('world')).filter((name) => name.includes('.saddlebag-'));
        expect(isRunAgain ? hidden : []).toEqual([]);
        expect(whole.map((digest) => requestsFor(lab, digest))).toEqual(whole.map(() => 0));
        const ranges = path === lab.options.path ? ['bytes=1000-'] : [];
        expect(cut.map((digest) => rangesFor(lab, digest))).toEqual(cut.map(() => ranges));
        [seen.kept, seen.partial] = [seen.kept + whole.length, seen.partial + cut.length];
        for (const receipt of receiptsIn(lab)) await takeBack(receipt, lab.options);
        expect({ changes, ...stateOf(lab) }).toEqual({ changes, ...before });
      }
      expect(Math.min(...Object.values(seen))).toBeGreaterThan(2);
    },
  );
});

function everywhere(at: InstallLab['at']): TargetChoice {
  return {
    files: at('world/files'),
    kuberlr: at('world/kuberlr'),
    'rancher-desktop': at('world/new/cache'),
    'k3s-node': at('world/node'),
  };
}

/** A registry with a bundle, which is at `lab.tar` as well. */
async function carried(samples = SAMPLES): Promise<InstallLab> {
  const lab = await installLab(samples);
  const { env, home, host, openRegistry, path } = lab.options;
  const reference = 'localhost:5000/bundles/lab:1';
  await pushBundle({ path, reference }, { env, home, host, openRegistry });
  return { ...lab, options: { ...lab.options, path: `oci://${reference}` } };
}

function requestsFor(lab: InstallLab, digest: string): number {
  return lab.registry.log.count('GET blob', new RegExp(digest.slice(7)));
}

function rangesFor(lab: InstallLab, digest: string): readonly (string | undefined)[] {
  const entries = lab.registry.log.entries.filter(({ path }) => path.endsWith(digest));
  return entries.map(({ headers }) => headers.range);
}

function modesUnder(folder: string): readonly string[] {
  return namesUnder(folder).map((name) => `${modeOf(join(folder, name))} ${name}`);
}

async function dies(lab: InstallLab, targets: TargetChoice, changes: number): Promise<boolean> {
  using _process = dieAfter(changes);
  const died = await install({ ...lab.options, targets }).then(
    () => false,
    () => true,
  );
  bury(lab.at('.'));
  return died;
}

/** What is staged by digest, whole and half written: the first file is cut off here, as a kill in its middle would have. */
function stagedIn(lab: InstallLab): { readonly whole: readonly string[]; readonly cut: readonly string[] } {
  const staged = Object.keys(filesUnder(lab.at('world'))).flatMap((name) => {
    const digest = digestOf(readFileSync(lab.at(join('world', name))));
    const isWhole = LARGE.includes(digest) && name.includes(`.saddlebag-${digest.slice(7, 47)}.`);
    return isWhole ? [{ name, digest }] : [];
  });
  const [first] = staged;
  if (first === undefined) return { whole: [], cut: [] };
  const same = staged.filter(({ digest }) => digest === first.digest);
  for (const { name } of same) truncateSync(lab.at(join('world', name)), 1000);
  chmodSync(lab.at(join('world', first.name)), 0o600);
  const whole = staged.filter(({ digest }) => digest !== first.digest).map(({ digest }) => digest);
  return { whole, cut: [first.digest] };
}

function stateOf(lab: InstallLab): { readonly names: readonly string[]; readonly files: unknown } {
  return { names: namesUnder(lab.at('world')), files: [filesUnder(lab.at('world')), filesUnder(lab.home)] };
}

/** What lies in the world was there before, is in a receipt, or has a name that nobody reads. */
function expectAccounted(lab: InstallLab): void {
  const receipts = receiptsIn(lab).map((path) => decodeReceipt(readFileSync(path)));
  const known = new Set(receipts.flatMap((receipt) => allTraces(receipt).paths));
  const unknown = namesUnder(lab.at('world')).filter((name) => {
    const isFile = lstatSync(lab.at(join('world', name))).isFile();
    return isFile && !name.includes('.saddlebag-') && !known.has(lab.at(join('world', name)));
  });
  expect(unknown).toEqual(['files/mine']);
  // Before there is a receipt nothing was changed.
  expect(receipts.length === 0 ? namesUnder(lab.at('world')).length : 2).toBe(2);
}

function receiptsIn(lab: InstallLab): readonly string[] {
  const folder = join(lab.home, '.local/state/saddlebag/receipts');
  const names = namesUnder(folder).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
  return names.map((name) => join(folder, name));
}
