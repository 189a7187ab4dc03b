import { encodeMissingList } from '../../src/bundle/plan/missing-list.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { encodeLock } from '../../src/spec/lock/encode.ts';
import { encodeReceipt } from '../../src/targets/receipts/receipt.ts';
import { NO_TRACES } from '../../src/targets/receipts/traces.ts';
import { sampleLock } from '../../test/support/samples/sample-lock.ts';
import { HELLO, planOfSamples } from './content.ts';

/** Documents of the format outside a bundle: a lock, and those that travel back. */
export function documents(): readonly (readonly [path: string, bytes: Uint8Array])[] {
  const { root, document } = planOfSamples([HELLO]);
  const digest = digestOf('Hello from the other side of the gap\n');
  const receipt = encodeReceipt({
    ...NO_TRACES,
    createdAt: '2026-08-20T14:05:00.000Z',
    root,
    name: document.name,
    complete: true,
    targets: [{ target: 'files', place: '/srv/files' }],
    items: [{ kind: 'file', name: 'hello.txt', destination: '/srv/files/hello.txt' }],
    paths: ['/srv/files/hello.txt'],
    blobs: [digest],
  });
  const blobs = document.blobs.filter((blob) => blob.digest === digest);
  return [
    ['documents/lab.lock.json', Buffer.from(encodeLock(sampleLock()))],
    ['documents/receipt.json', receipt],
    ['documents/missing.json', encodeMissingList({ root, name: document.name, files: [], blobs })],
  ];
}
