/** Time limit (milliseconds) for a clean stop after an interruption; what is on disk can be resumed anyway. */
const GRACE = 700;
/** A server finishes the answers under way first: the time it grants them, plus a little for itself. */
const SERVER_GRACE = 11_000;

/** Returns how long (milliseconds) the command in `argv` may take to stop. */
export function stopGrace(argv: readonly string[]): number {
  return argv.find((argument) => !argument.startsWith('-')) === 'serve' ? SERVER_GRACE : GRACE;
}
