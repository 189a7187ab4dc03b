import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeLock } from '../../../src/spec/lock/encode.ts';
import { LOCK_LIMIT } from '../../../src/spec/lock/lock.ts';
import { lockPathFor, readLock } from '../../../src/spec/lock/read.ts';
import { failureOf } from '../../support/failure.ts';
import { sampleLock, SECTIONS } from '../../support/samples/sample-lock.ts';
import { temporaryFolder } from '../../support/temporary.ts';

let folder: ReturnType<typeof temporaryFolder>;

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder[Symbol.dispose]());

function write(content: string | Uint8Array): string {
  const path = join(folder.path, 'lab.lock.json');
  writeFileSync(path, content);
  return path;
}

describe('lockPathFor', () => {
  it.each([
    ['lab.yaml', 'lab.lock.json'],
    ['lab.yml', 'lab.lock.json'],
    ['a/b.c/Lab.YAML', 'a/b.c/Lab.lock.json'],
    ['spec', 'spec.lock.json'],
    ['lab.json', 'lab.lock.json'],
    ['lab.v2', 'lab.v2.lock.json'],
    ['a/.yaml', 'a/.yaml.lock.json'],
  ])('puts the lock of %s at %s', (spec, lock) => {
    expect(lockPathFor(spec)).toBe(lock);
  });
});

describe('readLock', () => {
  it('reads the lock of the spec', async () => {
    expect(await readLock(write(encodeLock(sampleLock())), { name: 'lab', sections: SECTIONS })).toEqual(
      sampleLock(),
    );
  });

  it('reads it with a byte order mark and CRLF, as an editor on Windows leaves it', async () => {
    const path = write(`\uFEFF${encodeLock(sampleLock()).replaceAll('\n', '\r\n')}`);
    expect(await readLock(path, { name: 'lab', sections: SECTIONS })).toEqual(sampleLock());
  });

  it('takes a missing file for no lock', async () => {
    expect(await readLock(join(folder.path, 'none'), { name: 'lab', sections: SECTIONS })).toBeUndefined();
    expect(
      await readLock(join(folder.path, 'no', 'none'), { name: 'lab', sections: SECTIONS }),
    ).toBeUndefined();
  });

  it('refuses the lock of another spec, and does not offer to overwrite it', async () => {
    const path = write(encodeLock(sampleLock({ name: 'other' })));
    const error = await failureOf(() => readLock(path, { name: 'lab', sections: SECTIONS }));
    expect(error.code).toBe('ERR_LOCK_INVALID');
    expect(error.message).toContain('it is for "other", and the spec is for "lab"');
    expect(error.hint).toContain('--lock');
  });

  it('refuses what is not a text file, and what is larger than any lock [B-LOCK-4]', async () => {
    expect(
      (await failureOf(() => readLock(write(Buffer.of(0xff, 0xfe, 0)), { name: 'lab', sections: SECTIONS })))
        .message,
    ).toContain('it is not a text file');
    const lock = encodeLock(sampleLock());
    const path = write(lock.padEnd(LOCK_LIMIT));
    expect(await readLock(path, { name: 'lab', sections: SECTIONS })).toEqual(sampleLock());
    write(lock.padEnd(LOCK_LIMIT + 1));
    expect((await failureOf(() => readLock(path, { name: 'lab', sections: SECTIONS }))).message).toContain(
      'it is larger than 16.0 MiB',
    );
    mkdirSync(join(folder.path, 'folder'));
    const error = await failureOf(() =>
      readLock(join(folder.path, 'folder'), { name: 'lab', sections: SECTIONS }),
    );
    expect([error.code, error.message]).toEqual([
      'ERR_LOCK_INVALID',
      expect.stringContaining('it is a folder'),
    ]);
  });

  it('stops when it is interrupted', async () => {
    const path = write(encodeLock(sampleLock()));
    const error = await failureOf(() =>
      readLock(path, { name: 'lab', sections: SECTIONS, signal: AbortSignal.abort() }),
    );
    expect(error.code).toBe('ERR_INTERRUPTED');
  });
});
