import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claimOutput } from '../../../src/disk/sharing/claim.ts';
import { replaceCall } from '../../support/disk/replaced-call.ts';
import { CLAIMER } from '../../support/process/claimer.ts';
import { deadMark, foreignMark, markWith } from '../../support/process/marks.ts';
import { temporaryFolder } from '../../support/temporary.ts';

/** What runs a program with process ids of its own. */
const CONTAINER = ['unshare', '--fork', '--pid', '--mount-proc'];
const NO_CONTAINER =
  spawnSync('unshare', [...CONTAINER.slice(1), 'true']).status === 0
    ? undefined
    : 'skipped: a PID namespace needs root on Linux';

/** Starts a process that claims `path`; it answers `held` or `busy`, and lets go when told. */
function startClaimer(
  path: string,
  prefix: readonly string[] = [],
): { readonly answer: Promise<string>; letGo(): Promise<void> } {
  const [program, ...args] = [...prefix, process.execPath, CLAIMER, path];
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  return {
    answer: once(child.stdout, 'data').then(([data]) => String(data).trim()),
    letGo: async () => {
      child.stdin.end();
      await exit;
    },
  };
}

/** Has the calls that a claim makes answer before anything else gets its turn. */
function instantDisk(): Disposable {
  const stack = new DisposableStack();
  stack.use(replaceCall('writeFile', ([path]) => Promise.resolve(writeFileSync(String(path), ''))));
  stack.use(replaceCall('readdir', ([path]) => Promise.resolve(readdirSync(String(path)))));
  stack.use(replaceCall('rm', ([path]) => Promise.resolve(rmSync(String(path), { force: true }))));
  return stack;
}

describe('a claim', () => {
  it('lasts as long as it is held, and leaves nothing behind', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'claim');
    {
      await using _claim = await claimOutput(path);
      await expect(claimOutput(path)).rejects.toMatchObject({
        code: 'ERR_OUTPUT_UNWRITABLE',
        message: expect.stringContaining(String(process.pid)),
        hint: expect.stringContaining(path),
      });
      expect(readdirSync(folder.path)).toHaveLength(1);
    }
    expect(readdirSync(folder.path)).toEqual([]);
    await using _again = await claimOutput(path);
  });

  it('is of its own path: others can be held beside it', async () => {
    using folder = temporaryFolder();
    await using _one = await claimOutput(join(folder.path, 'claim'));
    await using _other = await claimOutput(join(folder.path, 'claim2'));
    expect(readdirSync(folder.path)).toHaveLength(2);
  });

  it('of a process that has died is taken over', async () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, `claim.${deadMark()}`), '');
    writeFileSync(join(folder.path, `claim.${deadMark()}`), '');
    await using _claim = await claimOutput(join(folder.path, 'claim'));
    expect(readdirSync(folder.path)).toEqual([expect.stringMatching(new RegExp(`^claim\\.${process.pid}-`))]);
  });

  it('of a process whose id is in use again, as in a container that was started again, is taken over', async () => {
    using folder = temporaryFolder();
    const earlier = `claim.${markWith({ start: '1' })}`;
    writeFileSync(join(folder.path, earlier), '');
    await using _claim = await claimOutput(join(folder.path, 'claim'));
    expect(readdirSync(folder.path)).toHaveLength(1);
    expect(readdirSync(folder.path)).not.toContain(earlier);
  });

  it('leaves files alone that are no claims', async () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'claim.txt'), '');
    await (await claimOutput(join(folder.path, 'claim')))[Symbol.asyncDispose]();
    expect(readdirSync(folder.path)).toEqual(['claim.txt']);
  });

  it('is held by one process at most, however many want it at once', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'claim');
    writeFileSync(join(folder.path, `claim.${deadMark()}`), '');
    const claimers = Array.from({ length: 6 }, () => startClaimer(path));
    const answers = await Promise.all(claimers.map(({ answer }) => answer));
    await Promise.all(claimers.map((claimer) => claimer.letGo()));
    expect(answers.filter((answer) => answer === 'held').length).toBeLessThanOrEqual(1);
    expect(new Set(answers)).toContain('busy');
    await using _claim = await claimOutput(path);
    expect(readdirSync(folder.path)).toHaveLength(1);
  });

  it('goes to the next process once the one before lets go', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'claim');
    const first = startClaimer(path);
    expect(await first.answer).toBe('held');
    await expect(claimOutput(path)).rejects.toMatchObject({ code: 'ERR_OUTPUT_UNWRITABLE' });
    await first.letGo();
    await using _claim = await claimOutput(path);
    expect(readdirSync(folder.path)).toHaveLength(1);
  });

  it('gives way for a while when another is there, and takes over once that lets go', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'claim');
    const other = `${path}.${markWith({ pid: String(process.ppid), start: '0' })}`;
    writeFileSync(other, '');
    using _disk = instantDisk();
    // With a disk that answers at once, this runs only while the claim waits.
    setImmediate(() => rmSync(other));
    await using _claim = await claimOutput(path);
    expect(readdirSync(folder.path)).toEqual([expect.stringMatching(new RegExp(`^claim\\.${process.pid}-`))]);
  });

  it('in a folder that is not there is refused', async () => {
    await expect(claimOutput('/none/such/claim')).rejects.toMatchObject({ code: 'ERR_OUTPUT_UNWRITABLE' });
  });

  it('of a process in another container or on another host is never taken over, and its host is named', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'claim');
    const file = `${path}.${foreignMark()}`;
    writeFileSync(file, 'builder-7');
    await expect(claimOutput(path)).rejects.toMatchObject({
      code: 'ERR_OUTPUT_UNWRITABLE',
      message:
        'Cannot start: process 1 on host "builder-7" may be writing the same bundle, and this host cannot tell whether it is still running',
      hint: `Wait for it to finish. If that process is gone, delete "${file}".`,
    });
    expect(readdirSync(folder.path)).toEqual([basename(file)]);
  });

  it('is held by one container at most', async (context) => {
    if (NO_CONTAINER !== undefined) context.skip(NO_CONTAINER);
    using folder = temporaryFolder();
    const path = join(folder.path, 'claim');
    const first = startClaimer(path, CONTAINER);
    expect(await first.answer).toBe('held');
    const second = startClaimer(path, CONTAINER);
    expect(await second.answer).toBe('busy');
    await expect(claimOutput(path)).rejects.toMatchObject({ code: 'ERR_OUTPUT_UNWRITABLE' });
    await second.letGo();
    await first.letGo();
    await using _claim = await claimOutput(path);
    expect(readdirSync(folder.path)).toHaveLength(1);
  });
});
