import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TargetChoice } from '../../src/targets/choice.ts';
import { decodeReceipt, encodeReceipt, type Receipt } from '../../src/targets/receipts/receipt.ts';
import { NO_TRACES } from '../../src/targets/receipts/traces.ts';
import { mountSmallDisk, NO_SMALL_DISK } from '../support/peers/small-disk.ts';
import { KILLED_INSTALL, type KilledInstall } from '../support/process/killed-install.ts';
import { sampleBundle } from '../support/samples/sample-bundle.ts';
import { fileSample, k3sSample, versionListSample } from '../support/samples/target-samples.ts';
import { install, type InstallLab, installLab, takeBack, TAG } from '../support/sites/install-lab.ts';
import { thrownBy } from '../support/thrown.ts';
import { filesUnder, namesUnder } from '../support/tree.ts';

const STATE = '.local/state/saddlebag/receipts';
const OTHER = 'v1.31.2+k3s1';

describe('the receipt of an install that is under way', () => {
  it('names all that is about to be left, before any of it is', async () => {
    const lab = await installLab();
    let seen: Receipt | undefined;
    const targets = { files: lab.at('files'), registry: ['localhost:5000'] };
    const result = await install({
      ...lab.options,
      targets,
      onProgress: ({ phase }) => {
        if (phase === 'apply') seen ??= receiptIn(lab);
      },
    });
    expect(seen).toMatchObject({ complete: false, paths: [], references: [], blobs: { length: 0 } });
    expect(seen?.begun).toMatchObject({
      paths: [lab.at('files/tool')],
      references: [
        { reference: 'localhost:5000/quay.io/jetstack/cert-manager-controller:v1.15.3' },
        { reference: 'localhost:5000/rancher/rancher:v2.9.2' },
      ],
    });
    const done = decodeReceipt(readFileSync(result.receipt ?? ''));
    expect(done).toMatchObject({ complete: true, paths: [lab.at('files/tool')] });
    expect(done.begun).toBeUndefined();
  });

  it('is the one of before when nothing came of it', async () => {
    const lab = await installLab();
    await install({ ...lab.options, targets: { files: lab.at('files') } });
    const before = receiptIn(lab);
    const stop = new AbortController();
    const options = { ...lab.options, targets: { 'k3s-node': lab.at('node') }, signal: stop.signal };
    await thrownBy(install({ ...options, onProgress: ({ phase }) => phase === 'apply' && stop.abort() }));
    expect(receiptIn(lab)?.complete).toBe(namesUnder(lab.at('node')).length === 0);
    expect(receiptIn(lab)?.paths.slice(0, 1)).toEqual(before?.paths);
  });

  it('is not there when nothing was placed', async () => {
    const lab = await installLab();
    const refusal = { type: 'status', status: 403 } as const;
    lab.registry.inject({ on: 'POST upload', times: 100, action: refusal });
    await thrownBy(install({ ...lab.options, targets: { registry: ['localhost:5000'] } }));
    expect(filesUnder(lab.home)).toEqual({});
  });

  it('keeps what was begun and failed: it may be there all the same', async () => {
    const lab = await installLab();
    lab.registry.inject({
      on: 'PUT manifest',
      times: 100,
      path: /rancher\/rancher/,
      action: { type: 'status', status: 403 },
    });
    await thrownBy(install({ ...lab.options, targets: { registry: ['localhost:5000'] } }));
    expect(receiptIn(lab)).toMatchObject({
      complete: false,
      references: [{ reference: 'localhost:5000/quay.io/jetstack/cert-manager-controller:v1.15.3' }],
      begun: { references: [{ reference: 'localhost:5000/rancher/rancher:v2.9.2' }] },
    });
  });

  it('takes over what an install to other places had begun, and does not forget it', async () => {
    const lab = await installLab();
    await install({ ...lab.options, targets: { files: lab.at('first') } });
    const path = join(lab.home, STATE, namesUnder(join(lab.home, STATE))[0] ?? '');
    // As if it had been killed right after its last file.
    const { complete: _, paths, files, items, targets, ...rest } = decodeReceipt(readFileSync(path));
    const begun = { ...NO_TRACES, paths, files, items, targets };
    writeFileSync(path, encodeReceipt({ ...rest, ...NO_TRACES, begun, complete: false }));
    await install({ ...lab.options, targets: { files: lab.at('second') } });
    expect(receiptIn(lab)).toMatchObject({
      complete: true,
      paths: [lab.at('second/tool')],
      begun: { paths },
    });
    await takeBack(path, lab.options);
    expect([existsSync(lab.at('first')), existsSync(lab.at('second'))]).toEqual([false, false]);
  });
});

describe('the room of a receipt', () => {
  it('is taken before anything is changed', async (context) => {
    if (NO_SMALL_DISK !== undefined) context.skip(NO_SMALL_DISK);
    using disk = mountSmallDisk(16 * 1024);
    const lab = await installLab();
    expect(() => writeFileSync(join(disk.path, 'filler'), Buffer.alloc(64 * 1024))).toThrow(/ENOSPC/);
    const options = {
      ...lab.options,
      env: { XDG_STATE_HOME: disk.path },
      targets: { files: lab.at('files') },
    };
    expect(await thrownBy(install(options))).toMatchObject({ code: 'ERR_DISK_FULL' });
    expect(existsSync(lab.at('files'))).toBe(false);
    expect(Object.keys(filesUnder(disk.path))).toEqual(['filler']);
  });

  it('lasts until the end, however full the disk is by then', async (context) => {
    if (NO_SMALL_DISK !== undefined) context.skip(NO_SMALL_DISK);
    using disk = mountSmallDisk(256 * 1024);
    const lab = await installLab();
    const filler = join(disk.path, 'filler');
    const { receipt = '' } = await install({
      ...lab.options,
      env: { XDG_STATE_HOME: disk.path },
      targets: { files: lab.at('files'), registry: ['localhost:5000'] },
      onProgress: ({ phase }) => {
        if (phase !== 'apply' || existsSync(filler)) return;
        expect(() => writeFileSync(filler, Buffer.alloc(1024 * 1024))).toThrow(/ENOSPC/);
      },
    });
    expect(decodeReceipt(readFileSync(receipt))).toMatchObject({
      complete: true,
      paths: [lab.at('files/tool')],
    });
  });
});

describe('two installs at once', () => {
  it('of one bundle to different places leave one receipt of both', async () => {
    const lab = await installLab();
    const places: readonly TargetChoice[] = [
      { files: lab.at('files') },
      { kuberlr: lab.at('kuberlr') },
      { 'k3s-node': lab.at('node') },
      { 'rancher-desktop': lab.at('cache') },
    ];
    await Promise.all(places.map(async (targets) => await install({ ...lab.options, targets })));
    const receipt = receiptIn(lab);
    expect(receipt?.targets.map(({ target }) => target).sort()).toEqual([
      'files',
      'k3s-node',
      'kuberlr',
      'rancher-desktop',
    ]);
    expect(receipt?.begun).toBeUndefined();
    await takeBack(join(lab.home, STATE, namesUnder(join(lab.home, STATE))[0] ?? ''), lab.options);
    for (const folder of ['files', 'kuberlr', 'node', 'cache'])
      expect(existsSync(lab.at(folder))).toBe(false);
  });

  it('of two bundles into one cache list both, in two processes as well', { timeout: 60_000 }, async () => {
    const lab = await installLab([k3sSample(TAG), versionListSample(listOf(TAG))]);
    const second = sampleBundle([k3sSample(OTHER), versionListSample(listOf(OTHER)), fileSample('x')]);
    writeFileSync(lab.at('other.tar'), second.tar);
    const targets = { 'rancher-desktop': lab.at('cache') };
    for (let round = 0; round < 3; round += 1) {
      rmSync(lab.at('cache'), { recursive: true, force: true });
      mkdirSync(lab.at('cache'));
      const runs = ['lab.tar', 'other.tar'].map((name) =>
        runInstall({ wish: { path: lab.at(name), targets }, home: lab.home, survived: Infinity }),
      );
      expect(await Promise.all(runs)).toEqual([0, 0]);
      const list: unknown = JSON.parse(readFileSync(lab.at('cache/k3s-versions.json'), 'utf8'));
      expect(list).toMatchObject({ versions: [TAG, OTHER] });
    }
  });
});

function listOf(tag: string): unknown {
  return { cacheVersion: 2, versions: [tag], channels: {} };
}

function receiptIn(lab: InstallLab): Receipt | undefined {
  const [name] = namesUnder(join(lab.home, STATE)).filter((each) => !each.startsWith('.'));
  return name === undefined ? undefined : decodeReceipt(readFileSync(join(lab.home, STATE, name)));
}

async function runInstall(run: KilledInstall): Promise<unknown> {
  // JSON knows no infinity.
  const options = JSON.stringify({ ...run, survived: Number.MAX_SAFE_INTEGER });
  const child = spawn(process.execPath, [KILLED_INSTALL, options], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [status]: unknown[] = await once(child, 'exit');
  return status;
}
