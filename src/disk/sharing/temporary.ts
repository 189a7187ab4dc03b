import { randomBytes } from 'node:crypto';
import { lstat, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isAbsent } from '../errno.ts';
import { namesIn } from '../names.ts';
import { fateOf, isProcessMark, type ProcessMark, processMark } from './process-mark.ts';

const PREFIX = '.saddlebag-';

/**
 * Returns a name that no program reading the folder takes for one of its own: Rancher Desktop looks for `v…`, kuberlr
 * for `kubectl…`. The name carries the mark of the process that uses it, so that a later run recognizes what a crash
 * left behind.
 */
export function temporaryName(subject: string): string {
  return `${prefixOf(subject)}${processMark()}-${randomBytes(4).toString('hex')}`;
}

/**
 * Removes from `folder` what crashed runs left there for `subject`, or for any subject when it is left out. Files that
 * a live process may still be writing stay, even if that process is on another host that shares the folder.
 */
export async function clearLeftovers(folder: string, subject?: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    const mark = markIn(name, subject);
    if (mark === undefined || fateOf(mark) !== 'dead') continue;
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

/**
 * Makes what crashed runs left in `folder` ours, for the subjects that are wanted: each file gets a name of this process. What they
 * left for others is removed. Returns the new paths by subject.
 */
export async function takeOverLeftovers(
  folder: string,
  isWanted: (subject: string) => boolean,
): Promise<ReadonlyMap<string, string>> {
  const taken = new Map<string, string>();
  for (const name of await namesIn(folder)) {
    const mark = markIn(name);
    if (mark === undefined || fateOf(mark) !== 'dead') continue;
    const subject = name.slice(PREFIX.length, name.indexOf(`.${mark}-`));
    if (!isWanted(subject) || taken.has(subject)) {
      await rm(join(folder, name), { recursive: true, force: true });
      continue;
    }
    const own = join(folder, temporaryName(subject));
    try {
      await rename(join(folder, name), own);
      taken.set(subject, own);
    } catch (error) {
      // Another process was faster.
      if (!isAbsent(error)) throw error;
    }
  }
  return taken;
}

/** Returns how much of a disk is free once what crashed runs left in `folder` is gone, beside what is free now (bytes). */
export async function leftoverBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await namesIn(folder)) {
    const mark = markIn(name);
    if (mark !== undefined && fateOf(mark) === 'dead') bytes += await bytesAt(join(folder, name));
  }
  return bytes;
}

async function bytesAt(path: string): Promise<number> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isDirectory() === true) {
    let bytes = 0;
    for (const name of await namesIn(path)) bytes += await bytesAt(join(path, name));
    return bytes;
  }
  // What has another name as well stays.
  return found?.isFile() === true && found.nlink === 1 ? found.size : 0;
}

/**
 * Removes what crashed runs left for any subject, once for each folder: a folder that thousands of files are placed in is
 * not listed for each of them.
 */
export class Sweep {
  readonly #folders = new Map<string, Promise<void>>();

  /** Clears a folder the first time it is asked to. Throws what {@link clearLeftovers} throws. */
  async clear(folder: string): Promise<void> {
    const clearing = this.#folders.get(folder) ?? clearLeftovers(folder);
    this.#folders.set(folder, clearing);
    try {
      await clearing;
    } catch (error) {
      this.#folders.delete(folder);
      throw error;
    }
  }
}

/** Returns the mark in a {@link temporaryName} for `subject`, or for any subject; `undefined` for any other name. */
export function markIn(name: string, subject?: string): ProcessMark | undefined {
  const prefix = subject === undefined ? PREFIX : prefixOf(subject);
  if (!name.startsWith(prefix)) return undefined;
  const mark = /^(?:.*\.)?([^.]+)-[0-9a-f]{8}$/s.exec(name.slice(prefix.length))?.[1];
  return mark !== undefined && isProcessMark(mark) ? mark : undefined;
}

/** Shortened, because a name may already have the maximum length. */
function prefixOf(subject: string): string {
  return `${PREFIX}${subject.slice(0, 40)}.`;
}
