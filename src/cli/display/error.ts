import type { ErrorCode } from '../../internal/error-code.ts';
import { isSaddlebagError, messageOf, SaddlebagError, systemCode } from '../../internal/error.ts';
import { ProblemsError } from '../../internal/problems.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';

/** A file of the wrong kind can have thousands of problems; the first few say enough. */
const PROBLEM_LIMIT = 50;
/** System errors that no room handles, but that are not our bugs: the disk or the medium is at fault. */
const DISK: Readonly<Record<string, 'ERR_DISK_FULL' | 'ERR_DISK_FAILED'>> = {
  ENOSPC: 'ERR_DISK_FULL',
  EDQUOT: 'ERR_DISK_FULL',
  EIO: 'ERR_DISK_FAILED',
  EROFS: 'ERR_DISK_FAILED',
};

/** Converts anything thrown into a `SaddlebagError`: what no room expected is our bug. */
export function asSaddlebagError(error: unknown, attempted: string): SaddlebagError {
  if (isSaddlebagError(error)) return error;
  const subject = `Cannot finish ${JSON.stringify(attempted)}`;
  const disk = DISK[systemCode(error) ?? ''];
  if (disk !== undefined)
    return new SaddlebagError(disk, `${subject}: ${messageOf(error)}`, { cause: error });
  return new SaddlebagError('ERR_INTERNAL_BUG', `${subject}: ${messageOf(error)}`, {
    cause: error,
    hint: 'This is a bug of Saddlebag. Please report it with the lines above and the output of: bundle --version',
  });
}

/** Returns the error for a command that the user stopped. */
export function interruptedDuring(attempted: string, cause: unknown): SaddlebagError {
  return new SaddlebagError('ERR_INTERRUPTED', `Cannot finish ${JSON.stringify(attempted)}: interrupted`, {
    cause,
    hint: 'Run the same command again: it continues from what is already done.',
  });
}

/** Returns an error as text: message and code, every problem with its hint, what to do next. Ends with a newline. */
export function renderError(
  error: SaddlebagError,
  options: { readonly style: Style; readonly verbose: boolean },
): string {
  const { style, verbose } = options;
  const lines = [
    `${style('error', 'error:')} ${printable(error.message)} ${style('quiet', `[${error.code}]`)}`,
  ];
  const problems = error instanceof ProblemsError ? error.problems : [];
  for (const problem of problems.slice(0, PROBLEM_LIMIT)) {
    lines.push(
      `  - ${printable(problem.message)}${problem.code === error.code ? '' : style('quiet', ` [${problem.code}]`)}`,
    );
    if (problem.hint !== undefined) lines.push(`    ${style('strong', 'hint:')} ${printable(problem.hint)}`);
  }
  if (problems.length > PROBLEM_LIMIT) lines.push(`  … and ${problems.length - PROBLEM_LIMIT} more`);
  if (verbose || error.code === 'ERR_INTERNAL_BUG') lines.push(...causesOf(error));
  if (error.hint !== undefined) lines.push(`${style('strong', 'hint:')} ${printable(error.hint)}`);
  return `${lines.join('\n')}\n`;
}

/** What `--json` prints instead of a result. */
export interface ErrorDocument {
  readonly error: ToldProblem & {
    /** Everything that is wrong, where that is several things; empty otherwise. */
    readonly problems: readonly ToldProblem[];
  };
}

/** Something that is wrong. */
export interface ToldProblem {
  /** Stays the same in later versions: what a program decides by. */
  readonly code: ErrorCode;
  /** One sentence for people. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string | undefined;
}

/** Returns an error as the JSON document that `--json` prints instead of a result. */
export function encodeError(error: SaddlebagError): ErrorDocument {
  const problems = error instanceof ProblemsError ? error.problems : [];
  return { error: { ...encodeProblem(error), problems: problems.map(encodeProblem) } };
}

function encodeProblem({ code, message, hint }: SaddlebagError): ToldProblem {
  return { code, message, hint };
}

/** The chain of causes from the outermost to the innermost, with the stack of the innermost. */
function causesOf(error: SaddlebagError): string[] {
  const lines: string[] = [];
  let cause = error.cause;
  while (cause instanceof Error && lines.length < 10) {
    lines.push(`  caused by ${printable(cause.stack ?? cause.message)}`);
    cause = cause.cause;
  }
  return lines;
}
