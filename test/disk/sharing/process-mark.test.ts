import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fateOf, isProcessMark, pidOf, processMark } from '../../../src/disk/sharing/process-mark.ts';
import { deadMark, markWith } from '../../support/process/marks.ts';
import { waitUntil } from '../../support/wait-until.ts';

const OTHER = 'ffffffff';
const isLinux = process.platform === 'linux';

describe('the mark of a process', () => {
  it('is one, names the process, and stays the same', () => {
    expect(isProcessMark(processMark())).toBe(true);
    expect(pidOf(processMark())).toBe(String(process.pid));
    expect(processMark()).toBe(processMark());
  });

  it.each(['', '1', '12-34', 'a-b-c-d-e', `${processMark()}-1`, ` ${processMark()}`, 'partial.journal'])(
    'is not %j',
    (text) => {
      expect(isProcessMark(text)).toBe(false);
      expect(fateOf(text)).toBe('unknown');
    },
  );

  it('fits into a name, with room for what it is about', () => {
    expect(processMark().length).toBeLessThanOrEqual(80);
  });
});

describe.runIf(isLinux)('a process', () => {
  it.each([
    ['is this one', markWith(), 'alive'],
    ['is of this host and has ended', deadMark(), 'dead'],
    ['had an id that is in use again', markWith({ start: '1' }), 'dead'],
    ['lives, and when it began is not known', markWith({ start: '0' }), 'alive'],
    ['is in another container', markWith({ space: '4026599999' }), 'unknown'],
    [
      'is in another container, and its id is free here',
      markWith({ pid: '4194303', space: '4026599999' }),
      'unknown',
    ],
    ['is on another host', markWith({ machine: OTHER, boot: OTHER }), 'unknown'],
    ['is on another host without an id', markWith({ machine: '0', boot: OTHER }), 'unknown'],
    [
      'is on another host, and its id is free here',
      markWith({ pid: '4194303', machine: OTHER, boot: OTHER }),
      'unknown',
    ],
    ['is on a system that tells nothing', markWith({ machine: OTHER, boot: '0', space: '0' }), 'unknown'],
  ] as const)('that %s', (_, mark, fate) => {
    expect(fateOf(mark)).toBe(fate);
  });

  it('from before this machine was started again is dead, also in a container that came back', (context) => {
    if (markWith().split('-')[2] === '0') context.skip('skipped: this machine has no id');
    expect(fateOf(markWith({ boot: OTHER }))).toBe('dead');
    expect(fateOf(markWith({ boot: OTHER, space: '4026599999' }))).toBe('dead');
  });

  it('that has ended and waits for its parent to take note is dead', async () => {
    // The shell becomes a program that never asks for its children.
    const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void parent.kill());
    const [line] = await once(parent.stdout, 'data');
    const pid = String(line).trim();
    await waitUntil(() => readFileSync(`/proc/${parent.pid}/comm`, 'utf8').trim() === 'sleep');
    process.kill(Number(pid), 'SIGKILL');
    await waitUntil(() => statOf(pid).startsWith('Z'));
    const start = statOf(pid).split(' ')[19] ?? '';
    expect(fateOf(markWith({ pid, start }))).toBe('dead');
  });
});

/** What `/proc` tells behind the name. */
function statOf(pid: string): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2);
}
