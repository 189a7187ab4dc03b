import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ByteStream, streamOf } from '../../src/internal/bytes.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { makeFolder, nearestFolder, requireWritable } from '../../src/disk/folder.ts';
import { keepAside } from '../../src/targets/receipts/keep-aside.ts';
import { ownerUnder, sudoInvoker } from '../../src/disk/owner.ts';
import { placeFile, type WantedFile } from '../../src/disk/place-file.ts';
import { placedState } from '../../src/targets/receipts/placed-state.ts';
import { clearLeftovers, namesIn, temporaryName } from '../../src/disk/temporary-name.ts';
import { mountSmallDisk, NO_SMALL_DISK, setReadOnly } from '../support/peers/small-disk.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { thrownBy } from '../support/thrown.ts';
import { modeOf } from '../support/tree.ts';

const isRoot = process.getuid?.() === 0;

describe('placeFile', () => {
  it('puts the content in place with its mode, whatever the umask is, and nothing beside it', async () => {
    const folder = scratch();
    const before = process.umask(0o077);
    onTestFinished(() => void process.umask(before));
    await placeFile(join(folder, 'tool'), wanted('hello', { mode: 0o755 }));
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
    const file = { ...wanted('hello'), content: watched() };
    await placeFile(join(folder, 'clients', 'tool'), file, { workFolder: folder });
    expect(seen).toEqual([[expect.stringMatching(/^\.saddlebag-tool\.\d+-[0-9a-f]{8}$/), 'clients'], []]);
    expect(readdirSync(folder)).toEqual(['clients']);
  });

  it.each([
    ['another byte', 'hellO', 'ERR_DIGEST_MISMATCH'],
    ['too little', 'hell', 'ERR_SIZE_MISMATCH'],
    ['too much', 'hello!', 'ERR_SIZE_MISMATCH'],
  ])('leaves what was there when the content is %s', async (_, content, code) => {
    const folder = scratch();
    writeFileSync(join(folder, 'tool'), 'before');
    const file = { ...wanted('hello'), content: streamOf(Buffer.from(content)) };
    expect(await thrownBy(placeFile(join(folder, 'tool'), file))).toMatchObject({ code });
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
    const file = { ...wanted('hello'), content: stopping() };
    const error = await thrownBy(placeFile(join(folder, 'tool'), file, { signal: stop.signal }));
    expect(error.code).toBe('ERR_INTERRUPTED');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('clears away what a process that is no more left behind, and only that', async () => {
    const folder = scratch();
    const dead = deadProcess();
    writeFileSync(join(folder, `.saddlebag-tool.${dead}-0123abcd`), 'half');
    writeFileSync(join(folder, `.saddlebag-tool.${process.pid}-0123abcd`), 'at work');
    writeFileSync(join(folder, `.saddlebag-tools.${dead}-0123abcd`), 'of another file');
    writeFileSync(join(folder, '.saddlebag-tool.notes'), 'of a user');
    await placeFile(join(folder, 'tool'), wanted('hello'));
    expect(readdirSync(folder).sort()).toEqual([
      `.saddlebag-tool.${process.pid}-0123abcd`,
      '.saddlebag-tool.notes',
      `.saddlebag-tools.${dead}-0123abcd`,
      'tool',
    ]);
  });

  it('replaces a link and leaves alone what it led to', async () => {
    const folder = scratch();
    writeFileSync(join(folder, 'precious'), 'precious');
    symlinkSync(join(folder, 'precious'), join(folder, 'tool'));
    await placeFile(join(folder, 'tool'), wanted('hello'));
    expect(readFileSync(join(folder, 'precious'), 'utf8')).toBe('precious');
    expect(lstatSync(join(folder, 'tool')).isSymbolicLink()).toBe(false);
  });

  it('refuses a folder in the way', async () => {
    const folder = scratch();
    mkdirSync(join(folder, 'tool'));
    expect(await thrownBy(placeFile(join(folder, 'tool'), wanted('hello')))).toMatchObject({
      code: 'ERR_TARGET_REFUSED',
    });
    expect(readdirSync(folder)).toEqual(['tool']);
  });

  it('places a file whose name is as long as names may be', async () => {
    const folder = scratch();
    await placeFile(join(folder, 'x'.repeat(255)), wanted('hello'));
    expect(readdirSync(folder)).toEqual(['x'.repeat(255)]);
  });

  it('lets eight writers of one file go on at once', async () => {
    const folder = scratch();
    await Promise.all(Array.from({ length: 8 }, () => placeFile(join(folder, 'tool'), wanted('hello'))));
    expect(readdirSync(folder)).toEqual(['tool']);
  });

  it('says that the disk is full, and leaves what was there', async (context) => {
    if (NO_SMALL_DISK !== undefined) context.skip(NO_SMALL_DISK);
    using disk = mountSmallDisk(64 * 1024);
    writeFileSync(join(disk.path, 'tool'), 'before');
    const error = await thrownBy(placeFile(join(disk.path, 'tool'), wanted('x'.repeat(200_000))));
    expect(error).toMatchObject({ code: 'ERR_DISK_FULL', hint: expect.stringContaining('Free some space') });
    expect(readdirSync(disk.path)).toEqual(['tool']);
    expect(readFileSync(join(disk.path, 'tool'), 'utf8')).toBe('before');
  });

  it('says that a filesystem is read-only', async (context) => {
    if (NO_SMALL_DISK !== undefined) context.skip(NO_SMALL_DISK);
    using disk = mountSmallDisk(64 * 1024);
    setReadOnly(disk.path, true);
    for (const attempt of [
      async () => await placeFile(join(disk.path, 'tool'), wanted('hello')),
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
    await placeFile(join(folder, 'tool'), wanted('hello', { owner: { uid: 4711, gid: 4712 } }));
    expect(lstatSync(join(folder, 'tool'))).toMatchObject({ uid: 4711, gid: 4712 });
  });
});

describe('placedState', () => {
  const expected = { descriptor: describeText('hello'), mode: 0o755 };

  it.each([
    ['nothing is there', undefined, 'missing'],
    ['it is the same', (path: string) => write(path, 'hello', 0o755), 'present'],
    ['it has more rights than it needs', (path: string) => write(path, 'hello', 0o777), 'present'],
    ['it may not be run', (path: string) => write(path, 'hello', 0o644), 'different'],
    ['a byte differs', (path: string) => write(path, 'hellO', 0o755), 'different'],
    ['it is longer', (path: string) => write(path, 'hello ', 0o755), 'different'],
    ['it is a link to the same', (path: string) => link(path, 'hello'), 'different'],
  ] as const)('compares byte for byte: %s', async (_, prepare, state) => {
    const path = join(scratch(), 'tool');
    prepare?.(path);
    expect(await placedState(path, expected)).toBe(state);
  });

  it('refuses a folder where a file is to be', async () => {
    const folder = scratch();
    expect(await thrownBy(placedState(folder, expected))).toMatchObject({ code: 'ERR_TARGET_REFUSED' });
  });

  it('stops reading when it is interrupted', async () => {
    const path = join(scratch(), 'tool');
    write(path, 'hello', 0o755);
    const error = await thrownBy(placedState(path, expected, { signal: AbortSignal.abort() }));
    expect(error.code).toBe('ERR_INTERRUPTED');
  });
});

describe('folders', () => {
  it('are made with the mode that is asked for, and named outermost first', async () => {
    const folder = scratch();
    const made = await makeFolder(join(folder, 'a', 'b'), { mode: 0o750 });
    expect(made).toEqual([join(folder, 'a'), join(folder, 'a', 'b')]);
    expect(made.map(modeOf)).toEqual(['750', '750']);
    expect(await makeFolder(join(folder, 'a', 'b'))).toEqual([]);
  });

  it('are looked for upwards', async () => {
    const folder = scratch();
    expect(await nearestFolder(join(folder, 'a', 'b', 'c'))).toBe(folder);
    expect(await nearestFolder(folder)).toBe(folder);
  });

  it('can be made below a link to a folder', async () => {
    const folder = scratch();
    mkdirSync(join(folder, 'real'));
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    await makeFolder(join(folder, 'link', 'a'));
    expect(readdirSync(join(folder, 'real'))).toEqual(['a']);
  });

  it('cannot be made where a file is in the way', async () => {
    const folder = scratch();
    writeFileSync(join(folder, 'a'), '');
    for (const path of [join(folder, 'a'), join(folder, 'a', 'b')]) {
      expect(await thrownBy(requireWritable(path))).toMatchObject({ code: 'ERR_TARGET_REFUSED' });
    }
  });

  it('that may not be written to are refused, and nothing is tried', async (context) => {
    if (isRoot) context.skip('skipped: root may write everywhere');
    const folder = scratch();
    chmodSync(folder, 0o500);
    expect(await thrownBy(requireWritable(join(folder, 'a')))).toMatchObject({
      code: 'ERR_OUTPUT_UNWRITABLE',
    });
  });
});

describe('keepAside', () => {
  it('never writes over a copy that is there', async () => {
    const path = join(scratch(), 'list.json');
    for (const text of ['one', 'two', 'three']) {
      writeFileSync(path, text);
      await keepAside(path);
    }
    expect(['', '.bak', '.bak.1', '.bak.2'].map((end) => readFileSync(`${path}${end}`, 'utf8'))).toEqual([
      'three',
      'one',
      'two',
      'three',
    ]);
  });

  it('needs no second copy of the same bytes', async () => {
    const path = join(scratch(), 'list.json');
    writeFileSync(path, 'one');
    expect(await keepAside(path)).toBe(`${path}.bak`);
    expect(await keepAside(path)).toBe(`${path}.bak`);
    expect(existsSync(`${path}.bak.1`)).toBe(false);
  });
});

describe('owners', () => {
  it('are those of the nearest folder, because programs change the modes of their own files', async (context) => {
    if (!isRoot) context.skip('skipped: only root can give files away');
    const folder = scratch();
    chownSync(folder, 4711, 4712);
    const owner = { uid: 4711, gid: 4712 };
    expect(await ownerUnder(join(folder, 'a', 'b'))).toMatchObject(owner);
    await makeFolder(join(folder, 'a', 'b'), { owner });
    expect(lstatSync(join(folder, 'a', 'b'))).toMatchObject(owner);
  });

  it('are whoever called sudo where the nearest folder is of root', async (context) => {
    if (!isRoot) context.skip('skipped: only root can give files away');
    const folder = scratch();
    expect(await ownerUnder(folder)).toBeUndefined();
    expect(await ownerUnder(folder, { uid: 1000, gid: 1000 })).toEqual({ uid: 1000, gid: 1000 });
  });

  it.each([
    [
      { SUDO_UID: '1000', SUDO_GID: '1001' },
      { uid: 1000, gid: 1001 },
    ],
    [{}, undefined],
    [{ SUDO_UID: '1000' }, undefined],
    [{ SUDO_UID: '0', SUDO_GID: '0' }, undefined],
    [{ SUDO_UID: '-5', SUDO_GID: '1' }, undefined],
    [{ SUDO_UID: 'ana', SUDO_GID: '1' }, undefined],
  ])('are read from what sudo says: %o', (env, owner) => {
    expect(sudoInvoker(env)).toEqual(owner);
  });
});

describe('temporary names', () => {
  it('are passed over by Rancher Desktop and kuberlr', () => {
    expect(temporaryName('v1.30.6+k3s1')).not.toMatch(/^v\d+\.\d+\.\d+\+k3s\d+$/);
    expect(temporaryName('kubectl1.30.6')).not.toMatch(/^kubectl/);
    expect(temporaryName('a')).not.toBe(temporaryName('a'));
  });

  it('are of no folder that is not there', async () => {
    const folder = join(scratch(), 'gone');
    await clearLeftovers(folder, 'a');
    expect(await namesIn(folder)).toEqual([]);
  });
});

function scratch(): string {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  return folder.path;
}

function describeText(text: string): WantedFile['descriptor'] {
  return { digest: digestOf(text), size: Buffer.byteLength(text) };
}

function wanted(text: string, rest: Partial<WantedFile> = {}): WantedFile {
  return { descriptor: describeText(text), content: streamOf(Buffer.from(text)), mode: 0o644, ...rest };
}

function write(path: string, text: string, mode: number): void {
  writeFileSync(path, text);
  chmodSync(path, mode);
}

function link(path: string, text: string): void {
  write(`${path}.real`, text, 0o755);
  symlinkSync(`${path}.real`, path);
}

/** The id of a process that has ended. */
function deadProcess(): number {
  return Number(execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }));
}
