/** Milliseconds of waiting between checks of the rate. */
const WINDOW = 30_000;
/** Bytes that must arrive in that time: 128 a second, far below a modem line shared by eight transfers. */
const LEAST = 128 * (WINDOW / 1000);

/** The sender keeps the connection alive but makes no real progress. */
export class TooSlowError extends Error {
  constructor() {
    super(`the server sent less than ${LEAST} bytes in ${WINDOW / 1000} seconds`);
    this.name = 'TooSlowError';
  }
}

/** Measures what a reader waits for: its own time is not held against the sender. */
export class LeastRate {
  #waited = 0;
  #received = 0;

  /** Counts bytes that came after a wait (milliseconds). @throws {@link TooSlowError} when hardly anything comes */
  count(bytes: number, waited: number): void {
    this.#waited += waited;
    this.#received += bytes;
    if (this.#waited < WINDOW) return;
    if (this.#received < LEAST) throw new TooSlowError();
    this.#waited = 0;
    this.#received = 0;
  }
}
