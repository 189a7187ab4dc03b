import type { ErrorCode } from './error-code.ts';

/** What an error carries beside its message. */
export interface SaddlebagErrorOptions {
  /** What the user can do next: one line, shown on its own. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/**
 * The one error class. A message says what was attempted, a colon, what is the case, with strings quoted and no final
 * period: `Cannot verify blob "sha256:ab…": expected 1048576 bytes, found 1048000`.
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

/** Returns whether `error` is ours, and has `code` when one is given. */
export function isSaddlebagError(error: unknown, code?: ErrorCode): error is SaddlebagError {
  return error instanceof SaddlebagError && (code === undefined || error.code === code);
}

/** Returns the second half of the message of one of ours: what is the case, without what was attempted. */
export function factOf({ message }: SaddlebagError): string {
  const colon = message.indexOf(': ');
  return colon === -1 ? message : message.slice(colon + 2);
}

/** Returns the message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Returns the `code` of a system error such as `ENOENT`, or `undefined` for anything else. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
