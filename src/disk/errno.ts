import type { ErrorCode } from '../internal/error-code.ts';
import { messageOf, SaddlebagError, systemCode } from '../internal/error.ts';

/** What a path is to the user: something to read, something to write, or a place that an install fills. */
export type PathKind = 'input' | 'output' | 'target';

interface Meaning {
  readonly type: 'absent' | 'denied' | 'full' | 'in-the-way' | 'failed';
  readonly fact: string;
  /** The fact to state when the path was to be written to. */
  readonly writing?: string;
  /** What to do about it, whatever kind of path it is. */
  readonly hint?: string;
}

/** What system errors mean, by code (errno(3)). */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  EACCES: { type: 'denied', fact: 'permission denied' },
  EADDRINUSE: { type: 'failed', fact: 'another program is listening there' },
  EADDRNOTAVAIL: { type: 'failed', fact: 'this host has no such address' },
  EBUSY: { type: 'denied', fact: 'it is in use' },
  EDQUOT: { type: 'full', fact: 'the disk quota is used up' },
  EEXIST: { type: 'in-the-way', fact: 'a file is there already' },
  EFBIG: {
    type: 'failed',
    fact: 'this filesystem cannot hold a file that large',
    hint: 'FAT32 stops at 4 GiB: use --volume-size 4095MiB, or a disk with another filesystem, such as exFAT.',
  },
  EFTYPE: { type: 'in-the-way', fact: 'it is not a regular file' },
  EIO: { type: 'failed', fact: 'the medium failed (EIO)' },
  EISDIR: { type: 'in-the-way', fact: 'it is a folder' },
  ELOOP: { type: 'in-the-way', fact: 'it is a symbolic link' },
  EMFILE: { type: 'failed', fact: 'too many files are open' },
  ENAMETOOLONG: { type: 'denied', fact: 'the name is too long' },
  ENFILE: { type: 'failed', fact: 'too many files are open' },
  ENOENT: { type: 'absent', fact: 'there is no such file', writing: 'there is no such folder' },
  ENOSPC: { type: 'full', fact: 'no space is left' },
  ENOTDIR: { type: 'in-the-way', fact: 'a part of the path is not a folder' },
  ENOTEMPTY: { type: 'in-the-way', fact: 'the folder is not empty' },
  ENOTFOUND: { type: 'failed', fact: 'there is no such host' },
  EPERM: { type: 'denied', fact: 'permission denied' },
  EROFS: {
    type: 'denied',
    fact: 'the filesystem is read-only',
    hint: 'Mount it writable, or choose another folder.',
  },
  ETXTBSY: { type: 'denied', fact: 'a program is running from it' },
};

const HINTS: Readonly<Record<PathKind, Partial<Record<Meaning['type'], string>>>> = {
  input: {
    absent: 'Check the path.',
    denied: 'Run the command as a user who may read it.',
    failed: 'Try another port or reader, or copy it again to another medium.',
  },
  output: {
    absent: 'Choose a folder that exists.',
    denied: 'Choose a folder that you may write to.',
    full: 'Free some space, or write to another disk.',
    'in-the-way': 'Choose another name.',
    failed: 'Check the disk and its cable, or write to another disk.',
  },
  target: {
    absent: 'Choose a folder that exists.',
    denied: 'Run the command as a user who may write there, or choose another folder.',
    full: 'Free some space there and run the command again: what is already in place is kept.',
    'in-the-way': 'Move it aside and run the command again.',
    failed: 'Check the disk and its cable.',
  },
};

/** Returns the meaning of a system error in words; for any other error, its message. */
export function factOf(cause: unknown, kind: PathKind = 'input'): string {
  const meaning = meaningOf(cause);
  return (kind === 'input' ? undefined : meaning?.writing) ?? meaning?.fact ?? messageOf(cause);
}

/**
 * Returns our error for a system failure while `attempted` ("write") was done to `path`: `ERR_DISK_FULL`;
 * `ERR_OUTPUT_UNWRITABLE`; `ERR_TARGET_REFUSED` when something is in the way at a target; otherwise `ERR_DISK_FAILED`.
 */
export function diskError(
  attempted: string,
  path: string,
  cause: unknown,
  kind: PathKind = 'output',
): SaddlebagError {
  const meaning = meaningOf(cause);
  const type = meaning?.type ?? 'failed';
  return new SaddlebagError(codeOf(type, kind), `Cannot ${attempted} "${path}": ${factOf(cause, kind)}`, {
    hint: meaning?.hint ?? HINTS[kind][type],
    cause,
  });
}

/** Runs `task`, and turns a system error into {@link diskError}. Anything else is rethrown as it is. */
export async function attempt<T>(
  what: string,
  path: string,
  task: () => Promise<T>,
  kind: PathKind = 'output',
): Promise<T> {
  try {
    return await task();
  } catch (cause) {
    throw isSystemError(cause) ? diskError(what, path, cause, kind) : cause;
  }
}

/** Like {@link attempt}, for a path at a target. */
export async function atTarget<T>(what: string, path: string, task: () => Promise<T>): Promise<T> {
  return await attempt(what, path, task, 'target');
}

/** Returns whether an error means that nothing is there. */
export function isAbsent(error: unknown): boolean {
  return systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR';
}

/** Returns the error the system would give, for a condition found before asking the system. */
export function systemError(code: 'EFTYPE' | 'EISDIR' | 'ENOSPC'): Error {
  return Object.assign(new Error(`${code}: ${MEANINGS[code]?.fact}`), { code });
}

function meaningOf(cause: unknown): Meaning | undefined {
  return MEANINGS[systemCode(cause) ?? ''];
}

/** Node's own codes contain an underscore: those errors are bugs of ours. */
function isSystemError(error: unknown): boolean {
  return !(error instanceof SaddlebagError) && /^E[A-Z0-9]+$/.test(systemCode(error) ?? '');
}

function codeOf(type: Meaning['type'], kind: PathKind): ErrorCode {
  if (type === 'full') return 'ERR_DISK_FULL';
  if (type === 'failed' || kind === 'input') return 'ERR_DISK_FAILED';
  return kind === 'target' && type === 'in-the-way' ? 'ERR_TARGET_REFUSED' : 'ERR_OUTPUT_UNWRITABLE';
}
