import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type StagedFile, Staging } from '../../../src/disk/placing/staging.ts';
import { clearLeftovers, leftoverBytes } from '../../../src/disk/sharing/temporary.ts';
import { type ByteStream, streamOf } from '../../../src/internal/bytes.ts';
import { SaddlebagError } from '../../../src/internal/error.ts';
import { digestOf, hexOf } from '../../../src/oci/digest.ts';
import type { FetchOptions } from '../../../src/oci/roles.ts';
import { verified } from '../../../src/oci/verified.ts';
import { replaceCall, systemFailure } from '../../support/disk/replaced-call.ts';
import { deadMark, foreignMark } from '../../support/process/marks.ts';
import { incompressibleBytes } from '../../support/samples/sample-image.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { thrownBy } from '../../support/thrown.ts';
import { filesUnder, modeOf, namesUnder } from '../../support/tree.ts';

const BYTES = incompressibleBytes('staged', 3_000_000);
const CONTENT = { digest: digestOf(BYTES), size: BYTES.length };
const SUBJECT = hexOf(CONTENT.digest).slice(0, 40);

describe('files that are staged', () => {
  it('have no name until they are placed, and are read once', async () => {
    const { at, fileAt, source } = scene();
    const other = { ...fileAt('deep/er/b'), mode: 0o755 };
    await using staging = new Staging([fileAt('a'), other]);
    expect(staging.wants(CONTENT.digest)).toBe(true);
    expect(await staging.keep(CONTENT, source.read)).toBeUndefined();
    expect(source.offsets).toEqual([0]);
    expect(visible(at('.'))).toEqual(['deep', 'deep/er']);
    expect([await staging.place(at('a')), await staging.place(at('deep/er/b'))]).toEqual([true, true]);
    expect(visible(at('.'))).toEqual(['a', 'deep', 'deep/er', 'deep/er/b']);
    expect([modeOf(at('a')), modeOf(at('deep/er/b'))]).toEqual(['644', '755']);
    expect(readFileSync(at('deep/er/b')).equals(BYTES)).toBe(true);
  });

  it('go with the folders made for them when nothing is placed', async () => {
    const { at, fileAt, source } = scene();
    mkdirSync(at('deep'));
    {
      await using staging = new Staging([fileAt('deep/er/b'), fileAt('new/a')]);
      await staging.keep(CONTENT, source.read);
      expect(namesUnder(at('.')).length).toBeGreaterThan(4);
    }
    expect(namesUnder(at('.'))).toEqual(['deep']);
  });

  it('are none for a path that nothing was written for, or that somebody has tidied up', async () => {
    const { at, fileAt, source } = scene();
    await using staging = new Staging([fileAt('a')]);
    expect(await staging.place(at('a'))).toBe(false);
    await staging.keep(CONTENT, source.read);
    for (const name of namesUnder(at('.'))) rmSync(at(name));
    expect(await staging.place(at('a'))).toBe(false);
    expect(namesUnder(at('.'))).toEqual([]);
  });

  it('are not placed where a folder is, or what is asked before objects', async () => {
    const { at, fileAt, source } = scene();
    await using staging = new Staging([fileAt('a')]);
    await staging.keep(CONTENT, source.read);
    const beforeNaming = async (): Promise<void> => {
      throw new SaddlebagError('ERR_TARGET_REFUSED', 'Cannot write: moved');
    };
    expect((await thrownBy(staging.place(at('a'), { beforeNaming }))).message).toBe('Cannot write: moved');
    mkdirSync(at('a'));
    expect(await thrownBy(staging.place(at('a')))).toMatchObject({
      code: 'ERR_TARGET_REFUSED',
      message: expect.stringMatching(/it is a folder$/),
    });
  });

  it('keep nothing of content that is not what it should be, and say so', async () => {
    const { at, fileAt } = scene();
    const wrong = Buffer.from(BYTES);
    wrong[2_000_000] = (wrong[2_000_000] ?? 0) ^ 1;
    await using staging = new Staging([fileAt('a'), fileAt('b')]);
    const fault = await staging.keep(CONTENT, () => streamOf(wrong));
    expect(fault).toMatchObject({ code: 'ERR_DIGEST_MISMATCH' });
    expect(namesUnder(at('.'))).toEqual([]);
    expect(await staging.place(at('a'))).toBe(false);
  });

  it('fail with what is wrong with the disk, which says nothing of the content', async () => {
    const { fileAt, source } = scene();
    await using staging = new Staging([fileAt('a')]);
    using _full = replaceCall('open', () => Promise.reject(systemFailure('ENOSPC')));
    expect(await thrownBy(staging.keep(CONTENT, source.read))).toMatchObject({ code: 'ERR_DISK_FULL' });
  });

  it('are waited for by what removes them', async () => {
    const { at, fileAt } = scene();
    const { promise: stuck, resolve: go } = Promise.withResolvers<void>();
    const { promise: isBegun, resolve: begun } = Promise.withResolvers<void>();
    const slow = async function* (): ByteStream {
      yield BYTES.subarray(0, 2_000_000);
      begun();
      await stuck;
      yield BYTES.subarray(2_000_000);
    };
    const staging = new Staging([fileAt('a')]);
    const keeping = thrownBy(staging.keep(CONTENT, () => verified(slow(), CONTENT)));
    await isBegun;
    const disposing = staging[Symbol.asyncDispose]();
    go();
    expect((await keeping).code).toBe('ERR_INTERRUPTED');
    await disposing;
    expect(namesUnder(at('.'))).toEqual([]);
  });
});

describe('what a killed run has staged', () => {
  it.each([
    ['whole, it is not read again', BYTES, []],
    ['in part, the rest is read', BYTES.subarray(0, 1_200_000), [1_200_000]],
    ['not at all, all is read', Buffer.alloc(0), [0]],
    ['wrongly, all is read', Buffer.alloc(BYTES.length), [0]],
    ['in part and wrongly, all is read', Buffer.alloc(1_200_000), [1_200_000, 0]],
    ['with more behind it, all is read', Buffer.concat([BYTES, Buffer.from('x')]), [0]],
  ])('when it is there %s', async (_, left, offsets) => {
    const { at, fileAt, source } = scene();
    writeFileSync(at(leftover()), left, { mode: 0o600 });
    let bytes = 0;
    await using staging = new Staging([fileAt('a')]);
    const onBytes = (count: number): void => void (bytes += count);
    expect(await staging.keep(CONTENT, source.read, { onBytes })).toBeUndefined();
    expect(source.offsets).toEqual(offsets);
    expect(bytes).toBe(BYTES.length);
    expect(await staging.place(at('a'))).toBe(true);
    expect(namesUnder(at('.'))).toEqual(['a']);
    expect(readFileSync(at('a')).equals(BYTES)).toBe(true);
    expect(modeOf(at('a'))).toBe('644');
  });

  it('goes where nobody wants it, and stays where its process may live', async () => {
    const { at, fileAt, source } = scene();
    const kept = `.saddlebag-${SUBJECT}.${foreignMark()}-0123abcd`;
    for (const name of [leftover('0'.repeat(40)), leftover('k3s'), kept]) writeFileSync(at(name), BYTES);
    expect(await leftoverBytes(at('.'))).toBe(2 * BYTES.length);
    await using staging = new Staging([fileAt('a')]);
    await staging.keep(CONTENT, source.read);
    await staging.place(at('a'));
    expect(namesUnder(at('.'))).toEqual([kept, 'a']);
  });

  it.each([
    ['a link', (from: string, to: string) => symlinkSync(from, to)],
    ['another name of a file', (from: string, to: string) => linkSync(from, to)],
    ['a folder', (_: string, to: string) => mkdirSync(join(to, 'deep'), { recursive: true })],
  ])('is not taken for it when it is %s', async (_, make) => {
    const { at, fileAt, source } = scene();
    mkdirSync(at('home'));
    writeFileSync(at('home/mine'), BYTES.subarray(0, 1000));
    make(at('home/mine'), at(leftover()));
    await using staging = new Staging([fileAt('a')]);
    await staging.keep(CONTENT, source.read);
    await staging.place(at('a'));
    expect(source.offsets).toEqual([0]);
    expect(readFileSync(at('home/mine')).equals(BYTES.subarray(0, 1000))).toBe(true);
    expect(namesUnder(at('.'))).toEqual(['a', 'home', 'home/mine']);
  });

  it('survives a second kill', async () => {
    const { at, fileAt, source } = scene();
    writeFileSync(at(leftover()), BYTES.subarray(0, 1_200_000));
    const killed = new Staging([fileAt('a')]);
    await thrownBy(killed.keep(CONTENT, () => brokenAfter(1_000_000)));
    expect(existsSync(at(leftover()))).toBe(false);
    // What is not disposed of, as after a kill, is under the name of this process.
    await clearLeftovers(at('.'));
    expect(Object.values(filesUnder(at('.'))).map(({ length }) => length)).toEqual([2_200_000]);
    chmodSync(at('.'), 0o755);
    expect(source.offsets).toEqual([]);
  });
});

function brokenAfter(count: number): ByteStream {
  return (async function* () {
    yield BYTES.subarray(1_200_000, 1_200_000 + count);
    throw new SaddlebagError('ERR_INTERRUPTED', 'Interrupted');
  })();
}

function leftover(subject = SUBJECT): string {
  return `.saddlebag-${subject}.${deadMark()}-0123abcd`;
}

function visible(folder: string): readonly string[] {
  return namesUnder(folder).filter((name) => !name.includes('.saddlebag-'));
}

interface Scene {
  readonly at: (name: string) => string;
  readonly fileAt: (name: string) => StagedFile;
  /** The content, and from where on it was read. */
  readonly source: { readonly offsets: number[]; readonly read: (options: FetchOptions) => ByteStream };
}

function scene(): Scene {
  const scratch = temporaryFolder();
  onTestFinished(() => scratch[Symbol.dispose]());
  const at = (name: string): string => join(scratch.path, name);
  const offsets: number[] = [];
  return {
    at,
    fileAt: (name) => ({
      descriptor: CONTENT,
      mode: 0o644,
      locate: async () => ({ path: at(name), folder: join(at(name), '..') }),
    }),
    source: {
      offsets,
      read: ({ offset = 0 }) => {
        offsets.push(offset);
        const content = streamOf(BYTES, offset);
        return offset === 0 ? verified(content, CONTENT) : content;
      },
    },
  };
}
