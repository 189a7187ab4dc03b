import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { systemCode } from '../../internal/error.ts';

/**
 * What a process writes into names so that others can tell whether it still lives: `PID-START-MACHINE-BOOT-SPACE`. A process
 * id means nothing elsewhere: it is given out again after a reboot, and in every container there is a process 1. Linux tells
 * when a process began (proc(5), `stat`, field 22), which boot of the machine this is, and in which PID namespace we are;
 * machine-id(5) names an installation. What the system does not tell is 0.
 */
export type ProcessMark = string;

/** Whether a process lives: of one on another host, or in another container, nobody here can tell. */
export type Fate = 'alive' | 'dead' | 'unknown';

const PATTERN = /^(\d{1,10})-(\d{1,20})-([0-9a-f]{1,8})-([0-9a-f]{1,8})-(\d{1,20})$/;
const UNKNOWN = '0';

/** Where ids of processes mean the same. */
interface Surroundings {
  /** The installation; stays over a reboot. */
  readonly machine: string;
  readonly boot: string;
  readonly space: string;
}

let mine: ProcessMark | undefined;

/** Returns the mark of this process. */
export function processMark(): ProcessMark {
  const { machine, boot, space } = surroundings();
  return (mine ??= [process.pid, lifeOf(process.pid)?.start ?? UNKNOWN, machine, boot, space].join('-'));
}

export function isProcessMark(text: string): boolean {
  return PATTERN.test(text);
}

/** Returns the process id in a mark, for people. */
export function pidOf(mark: ProcessMark): string {
  return mark.split('-')[0] ?? '';
}

/** Returns whether the process with this mark lives. Nothing that can be doubted is taken for dead. */
export function fateOf(mark: ProcessMark): Fate {
  const [, pid = '', start = '', machine = '', boot = '', space = ''] = PATTERN.exec(mark) ?? [];
  const here = surroundings();
  const isHere = boot === here.boot && space === here.space;
  if (isHere && (boot !== UNKNOWN || machine === here.machine)) return fateHere(Number(pid), start);
  // The same machine, started again since.
  if (machine !== UNKNOWN && machine === here.machine && boot !== here.boot) return 'dead';
  return 'unknown';
}

function fateHere(pid: number, start: string): Fate {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: there is such a process, of another user.
    if (systemCode(error) === 'ESRCH') return 'dead';
  }
  const life = lifeOf(pid);
  if (life === undefined || start === UNKNOWN) return 'alive';
  // A zombie has ended, and waits for its parent to take note.
  return life.start === start && !['Z', 'X'].includes(life.state) ? 'alive' : 'dead';
}

function lifeOf(pid: number): { readonly state: string; readonly start: string } | undefined {
  const stat = textOf(`/proc/${pid}/stat`);
  // The second field is the program's name in parentheses, which may hold anything.
  const [state, ...others] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const start = others[18];
  return state === undefined || start === undefined ? undefined : { state, start };
}

let around: Surroundings | undefined;

function surroundings(): Surroundings {
  return (around ??= readSurroundings());
}

function readSurroundings(): Surroundings {
  const boot = hashOf(textOf('/proc/sys/kernel/random/boot_id'));
  const id = textOf('/etc/machine-id').trim();
  // Without an id, hosts of one name, such as two containers, are not told apart by it.
  const isNamed = /^[0-9a-f]{32}$/.test(id) || boot === UNKNOWN;
  const machine = isNamed ? hashOf(`${id} ${hostname()}`) : UNKNOWN;
  return { machine, boot, space: spaceOf() };
}

/** Returns the number of the PID namespace (namespaces(7)). */
function spaceOf(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? UNKNOWN;
  } catch {
    return UNKNOWN;
  }
}

function hashOf(text: string): string {
  return text === '' ? UNKNOWN : createHash('sha256').update(text).digest('hex').slice(0, 8);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
