import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { namesIn } from '../names.ts';
import { fateOf, isProcessMark, type ProcessMark, processMark } from './process-mark.ts';

const PREFIX = '.saddlebag-';

/**
 * Returns a name that no reader of the folder takes for its own: Rancher Desktop wants `v…`, kuberlr `kubectl…`. It carries
 * the mark of the process that works under it, so that a later run can tell what a crash left behind.
 */
export function temporaryName(subject: string): string {
  return `${prefixOf(subject)}${processMark()}-${randomBytes(4).toString('hex')}`;
}

/**
 * Removes from `folder` what earlier runs that ended before their time left there for `subject`, or for anything when it is
 * left out. What may still grow, be it on another host that shares the folder, stays.
 */
export async function clearLeftovers(folder: string, subject?: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    const mark = markIn(name, subject);
    if (mark === undefined || fateOf(mark) !== 'dead') continue;
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** Returns the mark in a {@link temporaryName} for `subject`, or for anything; `undefined` when the name is none. */
export function markIn(name: string, subject?: string): ProcessMark | undefined {
  const prefix = subject === undefined ? PREFIX : prefixOf(subject);
  if (!name.startsWith(prefix)) return undefined;
  const mark = /^(?:.*\.)?([^.]+)-[0-9a-f]{8}$/s.exec(name.slice(prefix.length))?.[1];
  return mark !== undefined && isProcessMark(mark) ? mark : undefined;
}

/** Cut short, because a name that just fits a folder leaves no room for anything around it. */
function prefixOf(subject: string): string {
  return `${PREFIX}${subject.slice(0, 40)}.`;
}
