import { constants } from 'node:fs';
import { open, readdir, readFile, readlink, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AlignedMemory, PAGE } from '../../../src/disk/write/aligned.ts';
import { openFileWriter } from '../../../src/disk/writer.ts';
import { replaceCall, systemFailure } from '../../support/disk/replaced-call.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const SIZE = 64 * PAGE;
/** What lies in a file before: what is not written must stay. */
const BEFORE = Buffer.alloc(3 * SIZE, 0x11);
/** ext4 and XFS. */
const DIRECT: readonly number[] = [0xef53, 0x58465342];

interface Case {
  readonly position: number;
  readonly length: number;
  /** Where the bytes begin in memory that begins at a page. */
  readonly offset: number;
}

const CASES: readonly Case[] = [
  { position: 0, length: SIZE, offset: 0 },
  { position: 512, length: SIZE - PAGE, offset: 512 },
  { position: 3 * PAGE + 1536, length: SIZE - 1536 - 77, offset: 1536 },
  { position: PAGE - 1, length: SIZE - PAGE + 1, offset: PAGE - 1 },
  { position: 77, length: SIZE - 77, offset: 77 },
  // As far from a page on disk as in memory: no.
  { position: 512, length: SIZE - 1024, offset: 1024 },
  { position: 5 * PAGE, length: SIZE - 1, offset: 1 },
  // Too few whole pages.
  { position: 100, length: 2 * PAGE, offset: 100 },
  { position: 100, length: 20, offset: 100 },
];

describe.each(CASES)(
  '$length bytes at $position, $offset behind a page of memory',
  ({ position, length, offset }) => {
    it('replace what was there, and nothing else', async () => {
      using folder = temporaryFolder();
      const path = join(folder.path, 'file');
      const memory = new AlignedMemory(SIZE, 1).take();
      const bytes = memory.subarray(offset, offset + length);
      for (const index of bytes.keys()) bytes[index] = (index * 31) % 251;
      {
        await using writer = await openFileWriter(path, { size: BEFORE.length });
        await writer.write([BEFORE], 0);
        await writer.write([bytes], position);
        await writer.sync();
      }
      const expected = Buffer.from(BEFORE);
      expected.set(bytes, position);
      expect((await readFile(path)).equals(expected)).toBe(true);
    });
  },
);

it('goes past the cache of the system where the filesystem lets it', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'file');
  const memory = new AlignedMemory(SIZE, 1).take();
  await using writer = await openFileWriter(path, { size: SIZE });
  await writer.write([Buffer.alloc(SIZE)], 0);
  expect(await isOpenDirectly(path)).toBe(false);
  await writer.write([memory], 0);
  const { type } = await statfs(path);
  expect(await isOpenDirectly(path)).toBe(process.platform === 'linux' && DIRECT.includes(type));
});

it('goes the usual way, every write that is under way as well, once the system refuses the direct one', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'file');
  const RUNS = 8;
  const memory = new AlignedMemory(SIZE, RUNS);
  const honestOpen = open;
  let refused = 0;
  using _type = replaceCall('statfs', async () => ({ type: DIRECT[0] }));
  using _open = replaceCall('open', async ([name, flags], honest) => {
    if ((Number(flags) & (constants.O_DIRECT ?? 0)) === 0) return await honest();
    const handle = await honestOpen(String(name), constants.O_WRONLY);
    const refuse = async (): Promise<never> => {
      refused += 1;
      // The others have begun by then; a handle that one of them closed would fail in another way.
      await new Promise(setImmediate);
      throw systemFailure(handle.fd === -1 ? 'EBADF' : 'EINVAL');
    };
    return Object.assign(handle, { writev: refuse });
  });
  const expected = Buffer.alloc(RUNS * SIZE);
  {
    await using writer = await openFileWriter(path, { size: expected.length });
    const write = async (run: number): Promise<void> => {
      const bytes = memory.take().fill(run + 1);
      expected.fill(run + 1, run * SIZE, (run + 1) * SIZE);
      await writer.write([bytes], run * SIZE);
    };
    await Promise.all(Array.from({ length: RUNS - 1 }, (_, run) => write(run)));
    const before = refused;
    await write(RUNS - 1);
    expect(refused).toBe(before);
  }
  expect((await readFile(path)).equals(expected)).toBe(true);
  expect(refused > 0).toBe(process.platform === 'linux');
});

/** Asks the system how this process has a file open (proc(5), `fdinfo`). */
async function isOpenDirectly(path: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const O_DIRECT = process.arch === 'arm64' ? 0o200000 : 0o40000;
  for (const name of await readdir('/proc/self/fd')) {
    const target = await readlink(`/proc/self/fd/${name}`).catch(() => '');
    if (target !== path) continue;
    const flags = /^flags:\s+(\d+)/m.exec(await readFile(`/proc/self/fdinfo/${name}`, 'utf8'))?.[1] ?? '0';
    if ((Number.parseInt(flags, 8) & O_DIRECT) !== 0) return true;
  }
  return false;
}
