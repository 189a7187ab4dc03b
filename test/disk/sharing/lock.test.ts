import { mkdirSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { clearLocks, lockDocument } from '../../../src/disk/sharing/lock.ts';
import { replaceCall } from '../../support/disk/replaced-call.ts';
import { deadMark, foreignMark, markWith } from '../../support/process/marks.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { thrownBy } from '../../support/thrown.ts';

describe('lockDocument', () => {
  it('keeps everybody else away until it is disposed of, and leaves nothing behind', async () => {
    const { folder, path } = scene();
    writeFileSync(path, '0');
    const add = async (): Promise<void> => {
      await using _lock = await lockDocument(path);
      const count = Number(readFileSync(path, 'utf8'));
      await new Promise((resolve) => setImmediate(resolve));
      writeFileSync(path, String(count + 1));
    };
    await Promise.all(Array.from({ length: 20 }, add));
    expect(readFileSync(path, 'utf8')).toBe('20');
    expect(readdirSync(folder)).toEqual(['list.json']);
  });

  it('is of its own document', async () => {
    const { folder, path } = scene();
    await using _one = await lockDocument(path);
    await using _other = await lockDocument(join(folder, 'other.json'));
    expect(readdirSync(folder)).toHaveLength(2);
  });

  it('waits for another process, as long as the user does', async () => {
    const { folder, path } = scene();
    // The process that started this one is another one, and lives.
    claim(folder, markWith({ pid: String(process.ppid), start: '0' }));
    const stop = new AbortController();
    const waiting = lockDocument(path, { signal: stop.signal });
    stop.abort();
    expect(await thrownBy(waiting)).toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('steps back for another process, and continues when that lets go', async () => {
    const { folder, path } = scene();
    const other = claim(folder, markWith({ pid: String(process.ppid), start: '0' }));
    const { promise: back, resolve: stepBack } = Promise.withResolvers<void>();
    using _watched = replaceCall('rm', async ([gone], honest) => {
      await honest();
      if (gone !== other) stepBack();
    });
    const waiting = lockDocument(path);
    await back;
    expect(readdirSync(folder).map((name) => join(folder, name))).toContain(other);
    rmSync(other);
    await using _lock = await waiting;
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('continues when the other lets go', async () => {
    const { folder, path } = scene();
    const other = await lockDocument(path);
    let isMine = false;
    const waiting = lockDocument(path).then((lock) => {
      isMine = true;
      return lock;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isMine).toBe(false);
    await other[Symbol.asyncDispose]();
    await (await waiting)[Symbol.asyncDispose]();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('passes over what a dead process left, and clears it away', async () => {
    const { folder, path } = scene();
    claim(folder, deadMark());
    {
      await using _lock = await lockDocument(path);
      expect(readdirSync(folder)).toHaveLength(1);
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it('gives up a process of another container when it can only be dead: nobody holds a lock for minutes', async () => {
    const { folder, path } = scene();
    const foreign = claim(folder, foreignMark());
    const stop = new AbortController();
    const waiting = lockDocument(path, { signal: stop.signal });
    stop.abort();
    expect(await thrownBy(waiting)).toMatchObject({ code: 'ERR_INTERRUPTED' });
    const past = new Date(Date.now() - 120_000);
    utimesSync(foreign, past, past);
    await using _lock = await lockDocument(path);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('does not keep this process waiting for ever when it cannot be let go', async () => {
    const { folder, path } = scene();
    const lock = await lockDocument(path);
    const [claimed = ''] = readdirSync(folder).map((name) => join(folder, name));
    rmSync(claimed);
    mkdirSync(claimed);
    await expect(lock[Symbol.asyncDispose]()).rejects.toThrow(/EISDIR/);
    rmSync(claimed, { recursive: true });
    await using _again = await lockDocument(path);
  });

  it('needs the folder', async () => {
    const { folder } = scene();
    expect(await thrownBy(lockDocument(join(folder, 'none', 'list.json')))).toMatchObject({
      code: 'ERR_OUTPUT_UNWRITABLE',
    });
  });
});

describe('clearLocks', () => {
  it('removes what a dead process left, and nothing else', async () => {
    const { folder, path } = scene();
    claim(folder, deadMark());
    const foreign = claim(folder, foreignMark());
    const other = join(folder, `.saddlebag-lock-other.json.${deadMark()}-0123abcd`);
    writeFileSync(other, '');
    await clearLocks(path);
    expect(readdirSync(folder).map((name) => join(folder, name))).toEqual([foreign, other].toSorted());
    await clearLocks(join(folder, 'none', 'list.json'));
  });
});

function scene(): { readonly folder: string; readonly path: string } {
  const scratch = temporaryFolder();
  onTestFinished(() => scratch[Symbol.dispose]());
  return { folder: scratch.path, path: join(scratch.path, 'list.json') };
}

/** Puts the claim of another process beside the document. */
function claim(folder: string, mark: string): string {
  const path = join(folder, `.saddlebag-lock-list.json.${mark}-0123abcd`);
  writeFileSync(path, '');
  return path;
}
