import { execFileSync } from 'node:child_process';
import { processMark } from '../../../src/disk/sharing/process-mark.ts';

/** The parts of a mark, in order. */
export interface MarkParts {
  readonly pid: string;
  readonly start: string;
  readonly machine: string;
  readonly boot: string;
  readonly space: string;
}

/** Returns the mark of this process with other parts in it. */
export function markWith(parts: Partial<MarkParts> = {}): string {
  const [pid = '', start = '', machine = '', boot = '', space = ''] = processMark().split('-');
  return Object.values({ pid, start, machine, boot, space, ...parts }).join('-');
}

/** Returns the mark of a process of this host that has ended. */
export function deadMark(): string {
  return markWith({
    pid: execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }).trim(),
    start: '12345',
  });
}

/** Returns the mark of a process in another container. */
export function foreignMark(): string {
  return markWith({ pid: '1', space: '4026599999' });
}
