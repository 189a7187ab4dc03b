import { readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { SaddlebagError } from '../../internal/error.ts';
import { attempt } from '../errno.ts';
import { namesIn } from '../names.ts';
import { fateOf, isProcessMark, pidOf, type ProcessMark, processMark } from './process-mark.ts';

/** Two processes that start at the same moment both give way; they try again this many times. */
const TRIES = 4;
/** Claims of this process, by path. */
const held = new Set<string>();

/**
 * Makes this process the only one that writes an output. Each process creates a claim of its own, a file
 * `<path>.<mark>`, and then looks for others: of two, at least one sees the other. This needs no atomic swap and no
 * file lock, so it works on every filesystem. Anyone can remove the claim of a dead process at any time. The claim of a
 * process on another host or in another container is left to the user, because we cannot tell whether it is alive.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE` when another process has it, or may have it
 */
export async function claimOutput(path: string): Promise<AsyncDisposable> {
  const mine = processMark();
  for (let tries = 1; ; tries++) {
    if (held.has(path)) throw await busy(path, mine);
    const claim = await setUp(path, mine);
    try {
      const other = await findOther(path, mine);
      if (other === undefined) return claim;
      if (tries === TRIES) throw await busy(path, other);
    } catch (error) {
      await claim[Symbol.asyncDispose]();
      throw error;
    }
    await claim[Symbol.asyncDispose]();
    // Varies by process, so that one of them gets ahead.
    await pause(5 + (process.pid % 50));
  }
}

async function setUp(path: string, mine: ProcessMark): Promise<AsyncDisposable> {
  const file = `${path}.${mine}`;
  held.add(path);
  try {
    await attempt('create', file, () => writeFile(file, hostname()));
  } catch (error) {
    held.delete(path);
    throw error;
  }
  return {
    [Symbol.asyncDispose]: async () => {
      await rm(file, { force: true });
      held.delete(path);
    },
  };
}

/** Returns another process that holds a claim and is not known to be dead; removes the claims of dead processes. */
async function findOther(path: string, mine: ProcessMark): Promise<ProcessMark | undefined> {
  const folder = dirname(path);
  const prefix = `${basename(path)}.`;
  for (const name of await namesIn(folder)) {
    const mark = name.slice(prefix.length);
    if (!name.startsWith(prefix) || mark === mine || !isProcessMark(mark)) continue;
    if (fateOf(mark) !== 'dead') return mark;
    await rm(join(folder, name), { force: true });
  }
  return undefined;
}

async function busy(path: string, mark: ProcessMark): Promise<SaddlebagError> {
  const file = `${path}.${mark}`;
  const isHere = fateOf(mark) === 'alive';
  const host = await readFile(file, 'utf8').catch(() => '');
  const who = isHere
    ? `process ${pidOf(mark)}`
    : `process ${pidOf(mark)} on host ${JSON.stringify(host.slice(0, 255))}`;
  return new SaddlebagError(
    'ERR_OUTPUT_UNWRITABLE',
    isHere
      ? `Cannot start: ${who} is writing the same bundle`
      : `Cannot start: ${who} may be writing the same bundle, and this host cannot tell whether it is still running`,
    { hint: `Wait for it to finish. If that process is gone, delete "${file}".` },
  );
}
