import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { digestOf } from '../../../src/oci/digest.ts';
import { receiptInventory } from '../../../src/targets/receipts/inventory.ts';
import { isReceiptFile, readReceiptFile, receiptsOf } from '../../../src/targets/receipts/receipts.ts';
import { encodeReceipt, type Receipt } from '../../../src/targets/receipts/receipt.ts';
import { NO_TRACES } from '../../../src/targets/receipts/traces.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { thrownBy } from '../../support/thrown.ts';

const RECEIPT: Receipt = {
  ...NO_TRACES,
  createdAt: '2026-08-20T14:05:00.000Z',
  root: digestOf('bundle'),
  name: 'lab',
  complete: true,
  items: [
    { kind: 'image', name: 'docker.io/a/b:1', destination: 'localhost:5000/a/b:1' },
    { kind: 'file', name: 'tool', destination: '/opt/tool' },
  ],
  references: [{ reference: 'localhost:5000/a/b:1', digest: digestOf('image') }],
  blobs: [digestOf('image'), digestOf('layer')],
};

function stateFolder(): string {
  const temporary = temporaryFolder();
  onTestFinished(() => temporary[Symbol.dispose]());
  mkdirSync(join(temporary.path, 'receipts'));
  return temporary.path;
}

describe('receipts of earlier installs', () => {
  it('count by the name or the root of the bundle, when complete', async () => {
    const folder = stateFolder();
    const put = (name: string, receipt: Receipt): void =>
      writeFileSync(join(folder, 'receipts', name), encodeReceipt(receipt));
    put('a.json', RECEIPT);
    put('b.json', { ...RECEIPT, complete: false });
    put('c.json', { ...RECEIPT, name: 'other', root: digestOf('other') });
    put('d.json', { ...RECEIPT, name: 'renamed' });
    put('e.json.old', RECEIPT);
    const found = await receiptsOf(folder, { names: ['lab'], roots: [RECEIPT.root] });
    expect(found.map(({ name }) => name)).toEqual(['lab', 'renamed']);
    expect(await receiptsOf(join(folder, 'nowhere'), { names: ['lab'], roots: [RECEIPT.root] })).toEqual([]);
  });

  it('that cannot be read are reported, and the others count', async () => {
    const folder = stateFolder();
    writeFileSync(join(folder, 'receipts', 'a.json'), 'no');
    mkdirSync(join(folder, 'receipts', 'b.json'));
    writeFileSync(join(folder, 'receipts', 'c.json'), encodeReceipt(RECEIPT));
    const messages: string[] = [];
    const onFinding = ({ message }: { readonly message: string }): void => void messages.push(message);
    const found = await receiptsOf(folder, { names: ['lab'], roots: [RECEIPT.root], onFinding });
    expect(found).toHaveLength(1);
    expect(messages).toEqual([
      `Cannot read receipt: it is not JSON, in "${join(folder, 'receipts', 'a.json')}"`,
      expect.stringContaining('b.json'),
    ]);
  });

  it('are told from bundles by their first character', async () => {
    const folder = stateFolder();
    writeFileSync(join(folder, 'receipt'), encodeReceipt(RECEIPT));
    writeFileSync(join(folder, 'tar'), Buffer.alloc(1024));
    expect(await isReceiptFile(join(folder, 'receipt'))).toBe(true);
    for (const name of ['tar', 'receipts', 'nothing'])
      expect(await isReceiptFile(join(folder, name))).toBe(false);
    expect(await thrownBy(readReceiptFile(join(folder, 'tar')))).toMatchObject({
      code: 'ERR_DOCUMENT_INVALID',
    });
    expect(await thrownBy(readReceiptFile(join(folder, 'nothing')))).toMatchObject({
      code: 'ERR_DISK_FAILED',
    });
  });

  it('tell what is in place, with the roots of images alone', () => {
    expect(receiptInventory(RECEIPT)).toEqual({
      root: RECEIPT.root,
      name: 'lab',
      items: [
        { kind: 'image', name: 'docker.io/a/b:1', digest: digestOf('image') },
        { kind: 'file', name: 'tool', digest: undefined },
      ],
      blobs: new Map([
        [digestOf('image'), undefined],
        [digestOf('layer'), undefined],
      ]),
    });
  });
});
