import type { ErrorCode } from './error-code.ts';

/** Details of an error besides its message. */
export interface SaddlebagErrorOptions {
  /** What the user can do next, on one line of its own: sentences with their periods, or last a colon and what is to be copied. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/**
 * The one error class. A message says what was attempted, then a colon, then what is the case. Strings are quoted, and there is
 * no final period: `Cannot verify blob "sha256:ab…": expected 1048576 bytes, found 1048000`.
 */
export class SaddlebagError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: SaddlebagErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'SaddlebagError';
    this.code = code;
    this.hint = options.hint;
  }
}

/** Returns whether `error` is ours, and has `code` if one is given. */
export function isSaddlebagError(error: unknown, code?: ErrorCode): error is SaddlebagError {
  return error instanceof SaddlebagError && (code === undefined || error.code === code);
}

/** Returns the second half of one of our messages: what is the case, without what was attempted. */
export function factOf({ message }: SaddlebagError): string {
  const colon = message.indexOf(': ');
  return colon === -1 ? message : message.slice(colon + 2);
}

/** Returns the message of any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Returns the `code` of a system error such as `ENOENT`, or `undefined` for anything else. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
