import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { diskError } from '../../disk/errno.ts';
import { namesIn } from '../../disk/names.ts';
import { SaddlebagError, systemCode } from '../../internal/error.ts';

/** Two processes that begin in the same moment both give way; so often they try again. */
const TRIES = 4;
/** Claims of this process, by path. */
const held = new Set<string>();

/**
 * Makes this process the only one that writes a certain output. Each process sets up a claim of its own, a file
 * `<path>.<process>`, and then looks for others: of two, at least one sees the other. Nothing has to be swapped or
 * locked, so it works on every filesystem; and the claim of a dead process can be removed by anyone at any time.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE` when another process has it
 */
export async function claimOutput(path: string): Promise<AsyncDisposable> {
  const mine = await identityOf(process.pid);
  for (let tries = 1; ; tries++) {
    if (held.has(path)) throw busy(path, mine);
    const claim = await setUp(path, mine);
    try {
      const other = await findOther(path, mine);
      if (other === undefined) return claim;
      if (tries === TRIES) throw busy(path, other);
    } catch (error) {
      await claim[Symbol.asyncDispose]();
      throw error;
    }
    await claim[Symbol.asyncDispose]();
    // Not the same for both, so that one of them gets ahead.
    await pause(5 + (process.pid % 50));
  }
}

async function setUp(path: string, mine: string): Promise<AsyncDisposable> {
  const file = `${path}.${mine}`;
  held.add(path);
  try {
    await writeFile(file, '');
  } catch (cause) {
    held.delete(path);
    throw diskError('create', file, cause);
  }
  return {
    [Symbol.asyncDispose]: async () => {
      await rm(file, { force: true });
      held.delete(path);
    },
  };
}

/** Returns another living process that has a claim, and removes the claims of dead ones. */
async function findOther(path: string, mine: string): Promise<string | undefined> {
  const folder = dirname(path);
  const prefix = `${basename(path)}.`;
  for (const name of await namesIn(folder)) {
    const identity = name.slice(prefix.length);
    if (!name.startsWith(prefix) || identity === mine || !/^\d{1,10}(-\d+)?$/.test(identity)) continue;
    if (await isAlive(identity)) return identity;
    await rm(join(folder, name), { force: true });
  }
  return undefined;
}

/**
 * A process id alone is no proof: it is given out again after a reboot, and in a container it is nearly always the same.
 * Linux tells when the process began (proc(5), `stat`, field 22); elsewhere the id has to do.
 */
async function identityOf(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses, which may hold anything.
    const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${pid}-${start}`;
  } catch {
    return String(pid);
  }
}

async function isAlive(identity: string): Promise<boolean> {
  const pid = Number(identity.split('-')[0]);
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: there is such a process, of another user.
    if (systemCode(error) === 'ESRCH') return false;
  }
  return (await identityOf(pid)) === identity;
}

function busy(path: string, identity: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_OUTPUT_UNWRITABLE',
    `Cannot start: process ${identity.split('-')[0]} is writing the same bundle`,
    { hint: `Wait for it to end. If there is no such build, delete "${path}.${identity}".` },
  );
}
