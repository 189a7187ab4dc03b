import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/oci/digest.ts';
import type { ReceiptsResult } from '../../../src/verbs/receipts.ts';
import { runInMemory } from '../../support/process/cli.ts';

const RESULT: ReceiptsResult = {
  receipts: [
    {
      receipt: '/state/lab.json',
      name: 'lab',
      root: digestOf('root'),
      installedAt: '2026-08-20T14:05:00.000Z',
      complete: false,
      targets: [{ target: 'files', place: '/srv\u001B[2J' }],
      files: 1,
      references: 2,
    },
  ],
  findings: [{ level: 'warning', message: 'one is torn' }],
};

describe('bundle receipts', () => {
  it('lists each with its places and the receipt to uninstall by, and lets nothing of it reach the terminal', async () => {
    const listReceipts = async (): Promise<ReceiptsResult> => RESULT;
    const { status, stdout } = await runInMemory(['receipts'], { verbs: { listReceipts } });
    expect(status).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'lab  2026-08-20T14:05:00.000Z  not complete',
      expect.stringMatching(/^ {2}files {2}\/srv/),
      '  1 file, 2 names at registries and engines',
      '  receipt /state/lab.json',
      `  root ${digestOf('root')}`,
      'warning: one is torn',
      '',
    ]);
    expect(stdout).not.toContain('\u001B');
    const json = await runInMemory(['receipts', '--json'], { verbs: { listReceipts } });
    expect(JSON.parse(json.stdout)).toEqual(RESULT);
  });

  it('says so when there is none', async () => {
    const listReceipts = async (): Promise<ReceiptsResult> => ({ receipts: [], findings: [] });
    expect(await runInMemory(['receipts'], { verbs: { listReceipts } })).toMatchObject({
      status: 0,
      stdout: 'Nothing is installed here\n',
    });
  });
});
