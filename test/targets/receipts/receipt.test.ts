import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { digestOf } from '../../../src/oci/digest.ts';
import {
  decodeReceipt,
  encodeReceipt,
  mergeReceipts,
  type Receipt,
} from '../../../src/targets/receipts/receipt.ts';
import { receiptPath, writeReceipt } from '../../../src/targets/receipts/file.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { filesUnder, modeOf, stampOf } from '../../support/tree.ts';

const ROOT = digestOf('root');
const RECEIPT: Receipt = {
  createdAt: '2026-08-20T10:00:00.000Z',
  root: ROOT,
  name: 'lab',
  complete: true,
  targets: [{ target: 'files', place: '/srv' }],
  items: [{ kind: 'file', name: 'tool', destination: '/srv/tool' }],
  paths: ['/srv/tool'],
  files: [{ path: '/srv/tool', digest: digestOf('b'), size: 1 }],
  listed: [{ path: '/srv/k3s-versions.json', tag: 'v1.30.6+k3s1' }],
  references: [{ reference: 'localhost:5000/a/b:1', digest: digestOf('a') }],
  blobs: [digestOf('a'), digestOf('b')],
};

/** A receipt keeps its blobs in a table. */
function withBlobsListed(receipt: Receipt): Receipt {
  return { ...receipt, blobs: [...receipt.blobs] };
}

describe('a receipt', () => {
  it('comes back as it went', () => {
    expect(withBlobsListed(decodeReceipt(encodeReceipt(RECEIPT)))).toEqual({
      ...RECEIPT,
      blobs: [...RECEIPT.blobs].sort(),
    });
  });

  it('has the same bytes whatever order the work was done in, and says nothing twice', () => {
    const shuffled = {
      ...RECEIPT,
      blobs: [...RECEIPT.blobs, ...RECEIPT.blobs].toReversed(),
      paths: ['/srv/tool', '/srv/tool'],
    };
    expect(Buffer.from(encodeReceipt(shuffled)).toString()).toBe(
      Buffer.from(encodeReceipt(RECEIPT)).toString(),
    );
  });

  it('is united with that of an earlier install, which did the work that this one found done', () => {
    const later: Receipt = {
      ...RECEIPT,
      createdAt: '2026-09-01T00:00:00.000Z',
      complete: false,
      paths: ['/srv/other'],
      references: [{ reference: 'localhost:5000/a/b:1', digest: digestOf('newer') }],
      blobs: [],
    };
    expect(withBlobsListed(mergeReceipts(RECEIPT, later))).toMatchObject({
      createdAt: RECEIPT.createdAt,
      complete: false,
      targets: RECEIPT.targets,
      paths: ['/srv/tool', '/srv/other'],
      references: [{ reference: 'localhost:5000/a/b:1', digest: digestOf('newer') }],
      blobs: RECEIPT.blobs,
    });
  });

  it.each([
    ['no JSON', () => 'x', /it is not JSON/],
    ['a list', () => '[]', /it is not an object/],
    ['of another version', () => edited({ version: '2.0' }), /its version is "2.0"/],
    ['of no version', () => edited({ version: undefined }), /its version is missing/],
    ['without a root', () => edited({ root: 'sha256:abc' }), /"root" is not a digest/],
    ['without a name', () => edited({ name: 7 }), /"name"/],
    ['with a path that is none', () => edited({ paths: [7] }), /one of "paths"/],
    [
      'with a file that has no digest',
      () => edited({ files: [{ path: '/a', digest: 'x' }] }),
      /one of "files"/,
    ],
    [
      'with a file that has no size',
      () => edited({ files: [{ path: '/a', digest: ROOT, size: -1 }] }),
      /one of "files" has no size/,
    ],
    ['with a listed tag that is none', () => edited({ listed: [7] }), /expected an object with "path"/],
    ['with a blob that is none', () => edited({ blobs: ['x'] }), /one of "blobs"/],
    ['with blobs that are no list', () => edited({ blobs: 'x' }), /"blobs" is not a list/],
    [
      'with a reference that is none',
      () => edited({ references: [{}] }),
      /expected an object with "reference"/,
    ],
    ['with a target that is none', () => edited({ targets: [null] }), /expected an object with "target"/],
  ])('is refused when it is %s', (_, text, message) => {
    expect(() => decodeReceipt(Buffer.from(text()))).toThrow(message);
    expect(() => decodeReceipt(Buffer.from(text()))).toThrow(
      expect.objectContaining({ code: 'ERR_DOCUMENT_INVALID' }),
    );
  });

  it('of an earlier program, without digests of files, is read', () => {
    const receipt = decodeReceipt(Buffer.from(edited({ files: undefined, listed: undefined })));
    expect([receipt.paths, receipt.files, receipt.listed]).toEqual([['/srv/tool'], [], []]);
  });

  it('of a later minor version is read', () => {
    expect(decodeReceipt(Buffer.from(edited({ version: '1.7', more: 1 }))).root).toBe(ROOT);
  });
});

describe('receiptPath', () => {
  it.each([
    ['lab', 'lab'],
    ['../../etc/passwd', '-..-etc-passwd'],
    ['...', 'bundle'],
    ['', 'bundle'],
    ['ünï code/x', '-n-code-x'],
    ['x'.repeat(300), 'x'.repeat(100)],
  ])('makes of the name %o a file name', (name, stem) => {
    const path = receiptPath('/state', { name, root: ROOT });
    expect(path).toBe(`/state/receipts/${stem}-${ROOT.slice(7, 19)}.json`);
    expect(dirname(path)).toBe('/state/receipts');
  });
});

describe('writeReceipt', () => {
  it('writes files that no one else can read', async () => {
    const path = scratch();
    await writeReceipt(path, RECEIPT);
    expect(modeOf(path)).toBe('600');
    expect(modeOf(dirname(path))).toBe('700');
    expect(decodeReceipt(readFileSync(path)).root).toBe(ROOT);
  });

  it('leaves the file as it is when there is nothing new to say', async () => {
    const path = scratch();
    await writeReceipt(path, RECEIPT);
    const stamp = stampOf(path);
    const later = { ...RECEIPT, createdAt: '2030-01-01T00:00:00.000Z', paths: [], references: [] };
    await writeReceipt(path, later);
    expect(stampOf(path)).toBe(stamp);
  });

  it('adds to what is there', async () => {
    const path = scratch();
    await writeReceipt(path, RECEIPT);
    await writeReceipt(path, { ...RECEIPT, paths: ['/srv/other'] });
    expect(decodeReceipt(readFileSync(path)).paths).toEqual(['/srv/other', '/srv/tool']);
  });

  it.each([
    ['damaged', () => 'x'],
    ['of another bundle', () => edited({ root: digestOf('another') })],
  ])('keeps aside what is there when it is %s', async (_, text) => {
    const path = scratch();
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text());
    await writeReceipt(path, RECEIPT);
    expect(decodeReceipt(readFileSync(path)).paths).toEqual(['/srv/tool']);
    expect(filesUnder(dirname(path))['lab.json.bak']).toBe(text());
  });
});

function scratch(): string {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  return join(folder.path, 'receipts', 'lab.json');
}

function edited(change: Record<string, unknown>): string {
  const document: unknown = JSON.parse(Buffer.from(encodeReceipt(RECEIPT)).toString());
  return JSON.stringify({ ...(typeof document === 'object' ? document : {}), ...change });
}
