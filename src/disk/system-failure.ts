import type { ErrorCode } from '../internal/error-code.ts';
import { messageOf, SaddlebagError, systemCode } from '../internal/error.ts';

/** What an error of the filesystem means to a user. */
interface Meaning {
  readonly code: ErrorCode;
  readonly fact: string;
  readonly hint: string;
}

const FULL: Meaning = {
  code: 'ERR_DISK_FULL',
  fact: 'there is no space left',
  hint: 'Free some space there and run the command again: what is in place already is kept.',
};
const DENIED: Meaning = {
  code: 'ERR_OUTPUT_UNWRITABLE',
  fact: 'permission denied',
  hint: 'Run the command as a user who may write there, or choose another directory.',
};
const IN_THE_WAY: Meaning = {
  code: 'ERR_TARGET_REFUSED',
  fact: 'something that is not a folder is in the way',
  hint: 'Move it aside and run the command again.',
};

const MEANINGS: Readonly<Record<string, Meaning>> = {
  ENOSPC: FULL,
  EDQUOT: { ...FULL, fact: 'the disk quota is used up' },
  EACCES: DENIED,
  EPERM: DENIED,
  EROFS: {
    ...DENIED,
    fact: 'the filesystem is read-only',
    hint: 'Mount it writable, or choose another directory.',
  },
  ENOTDIR: IN_THE_WAY,
  EISDIR: { ...IN_THE_WAY, fact: 'a folder is in the way' },
};

/**
 * Runs `task` and says what an error of the filesystem means: `ERR_DISK_FULL`, `ERR_OUTPUT_UNWRITABLE`,
 * `ERR_TARGET_REFUSED`, and `ERR_DISK_FAILED` for the rest. Anything else is thrown on as it is.
 */
export async function explainingFailure<T>(
  attempt: string,
  path: string,
  task: () => Promise<T>,
): Promise<T> {
  try {
    return await task();
  } catch (cause) {
    const system = systemCode(cause);
    if (cause instanceof SaddlebagError || system === undefined || !/^E[A-Z0-9]+$/.test(system)) throw cause;
    const meaning = MEANINGS[system];
    throw new SaddlebagError(
      meaning?.code ?? 'ERR_DISK_FAILED',
      `Cannot ${attempt} ${JSON.stringify(path)}: ${meaning?.fact ?? messageOf(cause)}`,
      { hint: meaning?.hint, cause },
    );
  }
}

/** Returns the error for a folder, a pipe or a device where a file is to be. It is not ours to remove. */
export function nonFileInTheWay(path: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_TARGET_REFUSED',
    `Cannot write ${JSON.stringify(path)}: something that is not a file is in the way`,
    { hint: IN_THE_WAY.hint },
  );
}
