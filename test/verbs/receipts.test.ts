import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeReceipt, encodeReceipt } from '../../src/targets/receipts/receipt.ts';
import { NO_TRACES } from '../../src/targets/receipts/traces.ts';
import { listReceipts } from '../../src/verbs/receipts.ts';
import { sampleBundle } from '../support/samples/sample-bundle.ts';
import { fileSample } from '../support/samples/target-samples.ts';
import { install, installLab, takeBack } from '../support/sites/install-lab.ts';

const HOST = { platform: 'linux', arch: 'x64' };

describe('listReceipts', () => {
  it('says what is installed where, and by which receipt it goes again', async () => {
    const lab = await installLab();
    const surroundings = { env: {}, home: lab.home, host: HOST };
    expect(await listReceipts({}, surroundings)).toEqual({ receipts: [], findings: [] });
    const targets = { files: lab.at('files'), registry: ['localhost:5000'] };
    const { receipt = '' } = await install({ ...lab.options, targets });
    writeFileSync(lab.at('other.tar'), sampleBundle([fileSample('other')]).tar);
    await install({ ...lab.options, path: lab.at('other.tar'), targets: { files: lab.at('others') } });
    const { receipts, findings } = await listReceipts({}, surroundings);
    expect(findings).toEqual([]);
    expect(receipts).toHaveLength(2);
    expect(receipts.find((one) => one.receipt === receipt)).toEqual({
      receipt,
      name: 'lab',
      root: lab.root,
      installedAt: expect.stringMatching(/^\d{4}-/),
      complete: true,
      targets: [
        { target: 'files', place: lab.at('files') },
        { target: 'registry', place: 'localhost:5000' },
      ],
      files: 1,
      references: 2,
    });
    await takeBack(receipt, lab.options);
    expect((await listReceipts({}, surroundings)).receipts.map(({ root }) => root)).not.toContain(lab.root);
  });

  it('counts what an install that was cut short may have left', async () => {
    const lab = await installLab();
    const { receipt = '' } = await install({ ...lab.options, targets: { files: lab.at('files') } });
    const { createdAt, root, name, ...traces } = decodeReceipt(readFileSync(receipt));
    const cut = { ...NO_TRACES, createdAt, root, name, complete: false, blobs: [], begun: traces };
    writeFileSync(receipt, encodeReceipt(cut));
    expect((await listReceipts({}, { env: {}, home: lab.home, host: HOST })).receipts).toMatchObject([
      { complete: false, files: 1, targets: [{ target: 'files', place: lab.at('files') }] },
    ]);
  });

  it('tells of one that cannot be read, and lists the others', async () => {
    const lab = await installLab();
    const { receipt = '' } = await install({ ...lab.options, targets: { files: lab.at('files') } });
    mkdirSync(dirname(receipt), { recursive: true });
    writeFileSync(join(dirname(receipt), 'torn.json'), '{');
    const { receipts, findings } = await listReceipts({}, { env: {}, home: lab.home, host: HOST });
    expect(receipts).toHaveLength(1);
    expect(findings).toMatchObject([{ level: 'warning', message: expect.stringContaining('torn.json') }]);
  });
});
