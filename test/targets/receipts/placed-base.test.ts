import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { BlobRef } from '../../../src/bundle/format/document.ts';
import { collectBytes } from '../../../src/internal/bytes.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { placedBase } from '../../../src/targets/receipts/placed-base.ts';
import type { Receipt } from '../../../src/targets/receipts/receipt.ts';
import { NO_TRACES } from '../../../src/targets/receipts/traces.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { thrownBy } from '../../support/thrown.ts';

const RECEIPT: Receipt = {
  ...NO_TRACES,
  createdAt: '2026-08-20T14:05:00.000Z',
  root: digestOf('bundle'),
  name: 'lab',
  complete: true,
  blobs: [],
};

function refOf(text: string): BlobRef {
  return { digest: digestOf(text), size: Buffer.byteLength(text) };
}

function scratch(): (name: string) => string {
  const temporary = temporaryFolder();
  onTestFinished(() => temporary[Symbol.dispose]());
  return (name) => join(temporary.path, name);
}

describe('files of earlier installs', () => {
  it('give blobs by digest: files that were placed, and those in a folder that an item went to', async () => {
    const at = scratch();
    mkdirSync(at('folder'));
    writeFileSync(at('tool'), 'tool');
    writeFileSync(at('folder/k3s'), 'k3s binary');
    const item = { kind: 'k3s', name: 'v1', destination: at('folder') };
    const base = placedBase([{ ...RECEIPT, paths: [at('tool')], items: [item] }]);
    const [tool, k3s, none] = ['tool', 'k3s binary', 'nothing'].map(refOf);
    if (tool === undefined || k3s === undefined || none === undefined) throw new Error('three blobs');
    const { held, damaged } = await base.find([tool, k3s, none]);
    expect(held).toEqual(new Set([tool.digest, k3s.digest]));
    expect(damaged.size).toBe(0);
    const read = async (offset: number): Promise<string> => {
      const limit = { limit: 100, onExcess: () => new Error('too much') };
      return Buffer.from(await collectBytes(base.open(k3s, { offset }), limit)).toString();
    };
    expect([await read(0), await read(4)]).toEqual(['k3s binary', 'binary']);
  });

  it('are neither links nor pipes in a folder that an item went to', async () => {
    const at = scratch();
    mkdirSync(at('folder'));
    writeFileSync(at('real'), 'real');
    symlinkSync(at('real'), at('folder/link'));
    execFileSync('mkfifo', [at('folder/pipe')]);
    const item = { kind: 'k3s', name: 'v1', destination: at('folder') };
    const { held } = await placedBase([{ ...RECEIPT, items: [item] }]).find([refOf('real'), refOf('')]);
    expect(held.size).toBe(0);
  });

  it('do not count when they are gone, changed, links, folders or pipes', async () => {
    const at = scratch();
    mkdirSync(at('elsewhere'));
    writeFileSync(at('elsewhere/real'), 'real');
    writeFileSync(at('changed'), 'Real');
    symlinkSync(at('elsewhere/real'), at('link'));
    execFileSync('mkfifo', [at('pipe')]);
    const paths = ['gone', 'changed', 'link', 'pipe', 'elsewhere/nowhere/x'].map(at);
    const { held } = await placedBase([{ ...RECEIPT, paths }]).find([refOf('real')]);
    expect(held.size).toBe(0);
  });

  it('are not read when no blob is of their size, and a name of an image is no path', async () => {
    const at = scratch();
    writeFileSync(at('tool'), 'tool');
    const item = { kind: 'image', name: 'x', destination: 'localhost:5000/tool:1' };
    const { held } = await placedBase([{ ...RECEIPT, items: [item] }]).find([refOf('tool')]);
    expect(held.size).toBe(0);
    expect((await placedBase([]).find([refOf('tool')])).held.size).toBe(0);
  });

  it('stop being looked for when the user interrupts', async () => {
    const at = scratch();
    writeFileSync(at('tool'), 'tool');
    const base = placedBase([{ ...RECEIPT, paths: [at('tool')] }]);
    const finding = base.find([refOf('tool')], { signal: AbortSignal.abort() });
    expect(await thrownBy(finding)).toMatchObject({ code: 'ERR_INTERRUPTED' });
  });

  it('fail to be read when they vanish between', async () => {
    const at = scratch();
    writeFileSync(at('tool'), 'tool');
    const base = placedBase([{ ...RECEIPT, paths: [at('tool')] }]);
    await base.find([refOf('tool')]);
    rmSync(at('tool'));
    const reading = collectBytes(base.open(refOf('tool')), {
      limit: 9,
      onExcess: () => new Error('too much'),
    });
    expect(await thrownBy(reading)).toMatchObject({
      code: 'ERR_DISK_FAILED',
      message: expect.stringContaining(at('tool')),
    });
  });
});
