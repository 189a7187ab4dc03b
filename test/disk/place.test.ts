import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeFolder, requireWritable } from '../../src/disk/folder.ts';
import { place, placeLink } from '../../src/disk/place.ts';
import { type ByteStream, streamOf } from '../../src/internal/bytes.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { verified } from '../../src/oci/verified.ts';
import { replaceCall, systemFailure } from '../support/disk/replaced-call.ts';
import { mountSmallDisk, NO_SMALL_DISK, setReadOnly } from '../support/peers/small-disk.ts';
import { deadMark, foreignMark, markWith } from '../support/process/marks.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { thrownBy } from '../support/thrown.ts';
import { modeOf } from '../support/tree.ts';

const isRoot = process.getuid?.() === 0;

describe('place', () => {
  it('puts the content in place with its mode, whatever the umask is, and nothing beside it', async () => {
    const folder = scratch();
    const before = process.umask(0o077);
    onTestFinished(() => void process.umask(before));
    await place(join(folder, 'tool'), 'hello', { mode: 0o755 });
    expect(readFileSync(join(folder, 'tool'), 'utf8')).toBe('hello');
    expect(modeOf(join(folder, 'tool'))).toBe('755');
    expect(readdirSync(folder)).toEqual(['tool']);
  });

  it('grows in the work folder, so that no reader of the other ever sees half of it', async () => {
    const folder = scratch();
    mkdirSync(join(folder, 'clients'));
    const seen: string[][] = [];
    async function* watched(): ByteStream {
      yield Buffer.from('hel');
      seen.push(readdirSync(folder), readdirSync(join(folder, 'clients')));
      yield Buffer.from('lo');
    }
    await place(join(folder, 'clients', 'tool'), watched(), { workFolder: folder });
    expect(seen).toEqual([
      [expect.stringMatching(/^\.saddlebag-tool\.[-0-9a-f]+-[0-9a-f]{8}$/), 'clients'],
      [],
    ]);
    expect(readdirSync(folder)).toEqual(['clients']);
  });

  it.each([
    ['another byte', 'hellO', 'ERR_DIGEST_MISMATCH'],
    ['too little', 'hell', 'ERR_SIZE_MISMATCH'],
    ['too much', 'hello!', 'ERR_SIZE_MISMATCH'],
  ])('leaves what was there when the content is %s', async (_, content, code) => {
    const folder = scratch();
    writeFileSync(join(folder, 'tool'), 'before');
    const hello = { digest: digestOf('hello'), size: 5 };
    const file = verified(streamOf(Buffer.from(content)), hello);
    expect(await thrownBy(place(join(folder, 'tool'), file))).toMatchObject({ code });
    expect(readFileSync(join(folder, 'tool'), 'utf8')).toBe('before');
    expect(readdirSync(folder)).toEqual(['tool']);
  });

  it('leaves nothing when it is interrupted in the middle', async () => {
    const folder = scratch();
    const stop = new AbortController();
    async function* stopping(): ByteStream {
      yield Buffer.from('hel');
      stop.abort();
      yield Buffer.from('lo');
    }
    const error = await thrownBy(place(join(folder, 'tool'), stopping(), { signal: stop.signal }));
    expect(error.code).toBe('ERR_INTERRUPTED');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('clears away what a dead process left behind, and only that', async () => {
    const folder = scratch();
    const left = (subject: string, mark: string): string => `.saddlebag-${subject}.${mark}-0123abcd`;
    const kept = [
      left('tool', markWith()),
      left('tool', foreignMark()),
      left('tools', deadMark()),
      '.saddlebag-tool.notes',
      'tool',
    ];
    for (const name of [...kept, left('tool', deadMark())]) writeFileSync(join(folder, name), 'half');
    await place(join(folder, 'tool'), 'hello');
    expect(readdirSync(folder).sort()).toEqual(kept.sort());
  });

  it('replaces a link and leaves alone what it led to', async () => {
    const folder = scratch();
    writeFileSync(join(folder, 'precious'), 'precious');
    symlinkSync(join(folder, 'precious'), join(folder, 'tool'));
    await place(join(folder, 'tool'), 'hello');
    expect(readFileSync(join(folder, 'precious'), 'utf8')).toBe('precious');
    expect(lstatSync(join(folder, 'tool')).isSymbolicLink()).toBe(false);
  });

  it('replaces a link to a folder, and leaves the folder alone', async () => {
    const folder = scratch();
    mkdirSync(join(folder, 'precious'));
    symlinkSync(join(folder, 'precious'), join(folder, 'tool'));
    await place(join(folder, 'tool'), 'hello');
    expect(readFileSync(join(folder, 'tool'), 'utf8')).toBe('hello');
    expect(readdirSync(folder)).toEqual(['precious', 'tool']);
  });

  it.each([undefined, 'EPERM', 'ENOTSUP'])(
    'never replaces what is there when the file is to be new, whatever links the filesystem knows: %s',
    async (code) => {
      const folder = scratch();
      using _links = replaceCall('link', (_, honest) =>
        code === undefined ? honest() : Promise.reject(systemFailure(code)),
      );
      await place(join(folder, 'tool'), 'hello', { isNew: true });
      expect(await thrownBy(place(join(folder, 'tool'), 'other', { isNew: true }))).toMatchObject({
        code: 'ERR_OUTPUT_UNWRITABLE',
        message: `Cannot create "${join(folder, 'tool')}": a file is there already`,
      });
      expect(readFileSync(join(folder, 'tool'), 'utf8')).toBe('hello');
      expect(readdirSync(folder)).toEqual(['tool']);
    },
  );

  it('leaves no empty file where a new one cannot be given its name', async () => {
    const folder = scratch();
    using _links = replaceCall('link', () => Promise.reject(systemFailure('EPERM')));
    using _names = replaceCall('rename', () => Promise.reject(systemFailure('EIO')));
    const error = await thrownBy(place(join(folder, 'tool'), 'hello', { isNew: true }));
    expect(error.code).toBe('ERR_DISK_FAILED');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses a folder in the way', async () => {
    const folder = scratch();
    mkdirSync(join(folder, 'tool'));
    for (const [kind, code] of [
      ['output', 'ERR_OUTPUT_UNWRITABLE'],
      ['target', 'ERR_TARGET_REFUSED'],
    ] as const) {
      const error = await thrownBy(place(join(folder, 'tool'), 'hello', { kind }));
      expect(error).toMatchObject({
        code,
        message: `Cannot write "${join(folder, 'tool')}": it is a folder`,
      });
    }
    expect(readdirSync(folder)).toEqual(['tool']);
  });

  it('places a file whose name is as long as names may be', async () => {
    const folder = scratch();
    await place(join(folder, 'x'.repeat(255)), 'hello');
    expect(readdirSync(folder)).toEqual(['x'.repeat(255)]);
  });

  it('lets eight writers of one file go on at once', async () => {
    const folder = scratch();
    await Promise.all(Array.from({ length: 8 }, () => place(join(folder, 'tool'), 'hello')));
    expect(readdirSync(folder)).toEqual(['tool']);
  });

  it('says that the disk is full, and leaves what was there', async (context) => {
    if (NO_SMALL_DISK !== undefined) context.skip(NO_SMALL_DISK);
    using disk = mountSmallDisk(64 * 1024);
    writeFileSync(join(disk.path, 'tool'), 'before');
    const error = await thrownBy(place(join(disk.path, 'tool'), 'x'.repeat(200_000)));
    expect(error).toMatchObject({ code: 'ERR_DISK_FULL', hint: expect.stringContaining('Free some space') });
    expect(readdirSync(disk.path)).toEqual(['tool']);
    expect(readFileSync(join(disk.path, 'tool'), 'utf8')).toBe('before');
  });

  it('says that a filesystem is read-only', async (context) => {
    if (NO_SMALL_DISK !== undefined) context.skip(NO_SMALL_DISK);
    using disk = mountSmallDisk(64 * 1024);
    setReadOnly(disk.path, true);
    for (const attempt of [
      async () => await place(join(disk.path, 'tool'), 'hello'),
      async () => await requireWritable(join(disk.path, 'a', 'b')),
      async () => await makeFolder(join(disk.path, 'a')),
    ]) {
      expect(await thrownBy(attempt())).toMatchObject({
        code: 'ERR_OUTPUT_UNWRITABLE',
        message: expect.stringContaining('read-only'),
      });
    }
  });

  it('gives the file to the owner that is asked for', async (context) => {
    if (!isRoot) context.skip('skipped: only root can give files away');
    const folder = scratch();
    await place(join(folder, 'tool'), 'hello', { owner: { uid: 4711, gid: 4712 } });
    expect(lstatSync(join(folder, 'tool'))).toMatchObject({ uid: 4711, gid: 4712 });
  });
});

describe('placeLink', () => {
  it('puts a link in place of whatever was there, and nothing beside it', async () => {
    const folder = scratch();
    writeFileSync(join(folder, 'tool'), 'old');
    await placeLink(join(folder, 'tool'), 'tool-1.2');
    expect(readlinkSync(join(folder, 'tool'))).toBe('tool-1.2');
    expect(readdirSync(folder)).toEqual(['tool']);
  });

  it.each(['EPERM', 'ENOSYS', 'EOPNOTSUPP', 'ENOTSUP'])(
    'says that there can be no links, and leaves what was there: %s',
    async (code) => {
      const folder = scratch();
      writeFileSync(join(folder, 'tool'), 'old');
      using _links = replaceCall('symlink', () => Promise.reject(systemFailure(code)));
      expect(await thrownBy(placeLink(join(folder, 'tool'), 'tool-1.2'))).toMatchObject({
        code: 'ERR_TARGET_REFUSED',
        message: expect.stringContaining('the filesystem has no links'),
        hint: expect.any(String),
      });
      expect(readFileSync(join(folder, 'tool'), 'utf8')).toBe('old');
      expect(readdirSync(folder)).toEqual(['tool']);
    },
  );

  it('leaves nothing when the link cannot be given its name', async () => {
    const folder = scratch();
    using _names = replaceCall('rename', () => Promise.reject(systemFailure('EIO')));
    const error = await thrownBy(placeLink(join(folder, 'tool'), 'tool-1.2'));
    expect(error.code).toBe('ERR_DISK_FAILED');
    expect(readdirSync(folder)).toEqual([]);
  });
});

function scratch(): string {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  return folder.path;
}
