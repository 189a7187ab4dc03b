/** After an interruption everything has this long (milliseconds) to leave in good order; what is on disk can be resumed anyway. */
const GRACE = 700;
/** A server first answers those who are in the middle of a pull: as long as it gives them, and a little for itself. */
const SERVER_GRACE = 11_000;

/** Returns how long (milliseconds) the command that `argv` asks for may take to stop. */
export function stopGrace(argv: readonly string[]): number {
  return argv.find((argument) => !argument.startsWith('-')) === 'serve' ? SERVER_GRACE : GRACE;
}
