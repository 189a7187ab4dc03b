import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeReceipt, encodeReceipt } from '../../src/targets/receipts/receipt.ts';
import { prune, type PruneResult } from '../../src/verbs/prune.ts';
import { plannedImage, type PlannedSample } from '../support/planned/items.ts';
import { sampleBundle } from '../support/samples/sample-bundle.ts';
import { fileSample, kubectlSample } from '../support/samples/target-samples.ts';
import { install, type InstallLab, installLab, takeBack } from '../support/sites/install-lab.ts';
import { thrownBy } from '../support/thrown.ts';
import { filesUnder, namesUnder } from '../support/tree.ts';

const SHARED = plannedImage('docker.io/rancher/shared:v1');
const OLD: readonly PlannedSample[] = [
  SHARED,
  plannedImage('docker.io/rancher/old:v1'),
  kubectlSample('1.29.3', 'linux/amd64'),
  fileSample('old'),
];
const NEW: readonly PlannedSample[] = [
  SHARED,
  plannedImage('docker.io/rancher/new:v1'),
  kubectlSample('1.30.6', 'linux/amd64'),
  fileSample('new'),
];

/** Two installs, the old one first, into the same places. */
async function twoInstalls(): Promise<{
  readonly lab: InstallLab;
  readonly older: string;
  readonly newer: string;
}> {
  const lab = await installLab(OLD);
  const targets = { files: lab.at('out'), kuberlr: true, registry: ['localhost:5000'] };
  const put = async (path: string): Promise<string> =>
    (await install({ ...lab.options, path, targets })).receipt ?? '';
  const older = await put(lab.options.path);
  writeFileSync(lab.at('new.tar'), sampleBundle(NEW).tar);
  return { lab, older, newer: await put(lab.at('new.tar')) };
}

async function pruned(lab: InstallLab, keep: readonly string[], dryRun = false): Promise<PruneResult> {
  const { env, home, host, openRegistry } = lab.options;
  return await prune({ keep, dryRun }, { env, home, host, openRegistry });
}

const tags = (lab: InstallLab): readonly string[] =>
  ['shared', 'old', 'new'].filter(
    (name) => lab.registry.content.manifest(`rancher/${name}`, 'v1') !== undefined,
  );

describe('prune', () => {
  it('takes back what no kept install needs, and tells first what that frees', async () => {
    const { lab, older, newer } = await twoInstalls();
    const before = filesUnder(lab.at('.'));
    const planned = await pruned(lab, [newer], true);
    expect(filesUnder(lab.at('.'))).toEqual(before);
    expect(tags(lab)).toEqual(['shared', 'old', 'new']);

    const result = await pruned(lab, [newer]);
    expect(result).toMatchObject({
      pruned: [{ receipt: older, name: 'lab' }],
      kept: [newer],
      bytes: planned.bytes,
    });
    expect(planned.actions).toEqual(result.actions);
    const gone = ['old', '.kuberlr/linux-amd64/kubectl1.29.3'].map(
      (name) => before[name] ?? before[`out/${name}`] ?? before[`home/${name}`],
    );
    expect(result.bytes).toBe(gone.reduce((sum, text = '') => sum + Buffer.byteLength(text, 'latin1'), 0));
    expect(tags(lab)).toEqual(['shared', 'new']);
    expect(namesUnder(lab.at('out'))).toEqual(['new']);
    expect(namesUnder(join(lab.home, '.kuberlr'))).toEqual(['linux-amd64', 'linux-amd64/kubectl1.30.6']);
    expect(existsSync(older)).toBe(false);
    // The last one takes all that is left.
    await takeBack(newer, lab.options);
    expect(tags(lab)).toEqual([]);
  });

  it.each([
    ['its bundle', (lab: InstallLab) => lab.at('new.tar')],
    [
      'a copy of its receipt',
      (lab: InstallLab, newer: string) => (copyFileSync(newer, lab.at('copy.json')), lab.at('copy.json')),
    ],
  ])('keeps an install that is named by %s', async (_, nameOf) => {
    const { lab, newer } = await twoInstalls();
    expect((await pruned(lab, [nameOf(lab, newer)])).kept).toEqual([newer]);
    expect(tags(lab)).toEqual(['shared', 'new']);
  });

  it('leaves what was changed since, and what it never brought', async () => {
    const { lab, newer } = await twoInstalls();
    writeFileSync(lab.at('out/old'), 'mine by now');
    writeFileSync(lab.at('out/mine'), 'mine');
    const { findings } = await pruned(lab, [newer]);
    expect(findings).toMatchObject([{ level: 'warning', about: lab.at('out/old') }]);
    expect(namesUnder(lab.at('out'))).toEqual(['mine', 'new', 'old']);
  });

  it('leaves an install that is not complete, with all that it needs', async () => {
    const { lab, older, newer } = await twoInstalls();
    writeFileSync(older, encodeReceipt({ ...decodeReceipt(readFileSync(older)), complete: false }));
    const result = await pruned(lab, [newer]);
    expect(result).toMatchObject({ pruned: [], actions: [], findings: [{ level: 'warning', about: older }] });
    expect(tags(lab)).toEqual(['shared', 'old', 'new']);
  });

  it.each<[string, (lab: InstallLab, newer: string) => readonly string[], string]>([
    ['nothing is kept', () => [], 'ERR_USAGE_INVALID'],
    ['a receipt is not there', (lab) => [lab.at('none.json')], 'ERR_DISK_FAILED'],
    [
      'a receipt is of another host',
      (lab, newer) => [receiptOfElsewhere(lab, newer)],
      'ERR_CONTENT_NOT_FOUND',
    ],
    ['a bundle was never installed here', (lab) => [otherBundle(lab)], 'ERR_CONTENT_NOT_FOUND'],
    [
      'one receipt here cannot be read',
      (_, newer) => (writeFileSync(join(newer, '../broken.json'), '{'), [newer]),
      'ERR_DOCUMENT_INVALID',
    ],
  ])('changes nothing when %s', async (_, keepOf, code) => {
    const { lab, newer } = await twoInstalls();
    const keep = keepOf(lab, newer);
    const before = filesUnder(lab.at('.'));
    expect((await thrownBy(pruned(lab, keep))).code).toBe(code);
    expect(filesUnder(lab.at('.'))).toEqual(before);
    expect(tags(lab)).toEqual(['shared', 'old', 'new']);
  });
});

function receiptOfElsewhere(lab: InstallLab, newer: string): string {
  const { plan } = sampleBundle([fileSample('elsewhere')]);
  const path = lab.at('elsewhere.json');
  writeFileSync(path, encodeReceipt({ ...decodeReceipt(readFileSync(newer)), root: plan.root }));
  return path;
}

function otherBundle(lab: InstallLab): string {
  writeFileSync(lab.at('other.tar'), sampleBundle([fileSample('other')]).tar);
  return lab.at('other.tar');
}
