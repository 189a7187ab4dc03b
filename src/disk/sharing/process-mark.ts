import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { systemCode } from '../../internal/error.ts';

/**
 * What a process writes into names so that others can tell whether it is still alive: `PID-START-MACHINE-BOOT-SPACE`. A
 * process id alone is not enough: it is reused after a reboot, and every container has a process 1. Linux reports when
 * a process started (proc(5), `stat`, field 22), the current boot of the machine, and our PID namespace; machine-id(5)
 * identifies an installation. Values the system does not report are 0.
 */
export type ProcessMark = string;

/** Whether a process is alive. We cannot tell for a process on another host or in another container. */
export type Fate = 'alive' | 'dead' | 'unknown';

const PATTERN = /^(\d{1,10})-(\d{1,20})-([0-9a-f]{1,8})-([0-9a-f]{1,8})-(\d{1,20})$/;
const UNKNOWN = '0';

/** The scope in which process ids are unique. */
interface Surroundings {
  /** The installation; stays the same after a reboot. */
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

/** Returns whether the process with this mark is alive. In doubt, a process is not taken for dead. */
export function fateOf(mark: ProcessMark): Fate {
  const [, pid = '', start = '', machine = '', boot = '', space = ''] = PATTERN.exec(mark) ?? [];
  const here = surroundings();
  const isHere = boot === here.boot && space === here.space;
  if (isHere && (boot !== UNKNOWN || machine === here.machine)) return fateHere(Number(pid), start);
  // The same machine, rebooted since.
  if (machine !== UNKNOWN && machine === here.machine && boot !== here.boot) return 'dead';
  return 'unknown';
}

function fateHere(pid: number, start: string): Fate {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: the process exists and belongs to another user.
    if (systemCode(error) === 'ESRCH') return 'dead';
  }
  const life = lifeOf(pid);
  if (life === undefined || start === UNKNOWN) return 'alive';
  // A zombie has ended, and waits for its parent to collect it.
  return life.start === start && !['Z', 'X'].includes(life.state) ? 'alive' : 'dead';
}

function lifeOf(pid: number): { readonly state: string; readonly start: string } | undefined {
  const stat = textOf(`/proc/${pid}/stat`);
  // The second field is the program's name in parentheses, which may contain anything.
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
  // Without an id, hosts with the same name, such as two containers, look the same.
  const isNamed = /^[0-9a-f]{32}$/.test(id) || boot === UNKNOWN;
  const machine = isNamed ? hashOf(`${id} ${hostname()}`) : UNKNOWN;
  return { machine, boot, space: spaceOf() };
}

/** Returns the number of our PID namespace (namespaces(7)). */
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
