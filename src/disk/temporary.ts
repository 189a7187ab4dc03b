import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../internal/error.ts';
import { namesIn } from './names.ts';

/**
 * Returns a name that no reader of the folder takes for its own: Rancher Desktop wants `v…`, kuberlr `kubectl…`. It carries
 * the process that works under it, so that a later run can tell what a crash left behind.
 */
export function temporaryName(subject: string): string {
  return `${prefixOf(subject)}${process.pid}-${randomBytes(4).toString('hex')}`;
}

/** Removes from `folder` what earlier runs that ended before their time left there for `subject`. */
export async function clearLeftovers(folder: string, subject: string): Promise<void> {
  const prefix = prefixOf(subject);
  for (const name of await namesIn(folder)) {
    if (!name.startsWith(prefix)) continue;
    const process = /^(\d+)-[0-9a-f]{8}$/.exec(name.slice(prefix.length))?.[1];
    if (process !== undefined && !isRunning(Number(process))) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }
}

/** Cut short, because a name that just fits a folder leaves no room for anything around it. */
function prefixOf(subject: string): string {
  return `.saddlebag-${subject.slice(0, 40)}.`;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Someone else's process may not be asked, but it is there.
    return systemCode(error) === 'EPERM';
  }
}
