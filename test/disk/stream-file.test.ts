import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Lease } from '../../src/internal/lease.ts';
import { streamFile } from '../../src/disk/stream-file.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { incompressibleBytes } from '../support/samples/sample-image.ts';

const CHUNK = 1000;
const SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 10 * CHUNK + 7];

it.each(SIZES.flatMap((size) => [0, 1, size, size + 5].map((offset) => ({ size, offset }))))(
  'a file of $size bytes is read from $offset on the same with memory that is used again',
  async ({ size, offset }) => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'file');
    const bytes = incompressibleBytes('file', size);
    writeFileSync(path, bytes);
    const read = async (lease?: Lease): Promise<Buffer> => {
      const parts: Buffer[] = [];
      const held: Uint8Array[] = [];
      for await (const chunk of streamFile(path, { offset, lease, chunk: CHUNK })) {
        held.push(chunk);
        // Two more were asked for since: it may be used again from now on.
        if (held.length === 3) parts.push(Buffer.from(held.shift() ?? ''));
      }
      return Buffer.concat([...parts, ...held]);
    };
    expect((await read(new Lease())).equals(bytes.subarray(offset))).toBe(true);
    expect((await read()).equals(bytes.subarray(offset))).toBe(true);
  },
);

it('reading a file ends when it is told to, and says what the system says', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'file');
  writeFileSync(path, incompressibleBytes('file', 10 * CHUNK));
  const stop = new AbortController();
  const readOn = async (): Promise<void> => {
    for await (const _ of streamFile(path, { lease: new Lease(), chunk: CHUNK, signal: stop.signal }))
      stop.abort();
  };
  await expect(readOn()).rejects.toMatchObject({ name: 'AbortError' });
  const nowhere = streamFile(`${path}-missing`, { lease: new Lease() })[Symbol.asyncIterator]();
  await expect(nowhere.next()).rejects.toMatchObject({ code: 'ENOENT' });
});
