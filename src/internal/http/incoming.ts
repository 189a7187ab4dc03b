import type { Dispatcher } from 'undici';
import type { ByteStream } from '../bytes.ts';
import { interrupted, offInterrupt, onInterrupt } from '../interrupt.ts';
import { LeastRate } from './least-rate.ts';
import type { Watch } from './watch/watcher.ts';

/** Bytes to read ahead of a slow reader. */
const READ_AHEAD = 256 * 1024;
/** Bytes of an unwanted answer worth reading to keep its connection. */
const DRAIN_LIMIT = 64 * 1024;
/** Milliseconds to wait for those bytes. */
const DRAIN_PATIENCE = 1000;

/** What ends or slows an answer on its connection. */
export type AnswerControl = Pick<Dispatcher.DispatchController, 'abort' | 'pause' | 'resume'>;

/** Status and headers of an answer. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface IncomingAnswerOptions {
  /** Called when the request goes out, over a connection. */
  readonly onStart?: (() => void) | undefined;
  /** Learns when the host is waited for. */
  readonly watch?: Watch | undefined;
  /** Called with each chunk right before it is handed to the reader. */
  readonly onHandedOn?: ((chunk: Uint8Array) => void) | undefined;
  /** Called when the connection is done with the answer, in whatever way. */
  readonly onClose: () => void;
  /** A monotonic clock (milliseconds), to measure the rate of the body. */
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * One answer on its connection: the head, then a body that the reader pulls or discards. It takes chunks directly from the
 * parser: for a small answer, Node's streams would be most of the work.
 */
export class IncomingAnswer implements Dispatcher.DispatchHandler {
  readonly #head = Promise.withResolvers<AnswerHead>();
  readonly #options: IncomingAnswerOptions;
  #controller: AnswerControl | undefined;
  /** Chunks received but not pulled yet; `#queued` is their size. */
  readonly #pieces: Uint8Array[] = [];
  #queued = 0;
  /** Bytes discarded so far; `undefined` while somebody may still read. */
  #dropped: number | undefined;
  #end: { readonly error?: Error } | undefined;
  /** Whether the connection is done with it: a moment after all of it has come. */
  #isClosed = false;
  /** Resolves on the next chunk or the end. */
  #news: PromiseWithResolvers<void> | undefined;

  constructor(options: IncomingAnswerOptions) {
    this.#options = options;
    // The sender of the request may fail before it awaits the head, which must not count as unhandled.
    this.#head.promise.catch(() => undefined);
    onInterrupt(options.signal, this.#interrupt);
  }

  /** The head of the answer. Rejects when there is none, and immediately when the signal fires. */
  get head(): Promise<AnswerHead> {
    return this.#head.promise;
  }

  /**
   * Yields the body, once; `failure` returns what is thrown for an error. Stopping early closes the connection. It is no generator:
   * for a small answer, several promises for each chunk would be most of the work.
   */
  content(failure: (error: unknown) => unknown): ByteStream {
    const rate = new LeastRate();
    const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
      try {
        const piece = await this.#next(rate);
        return piece === undefined ? { done: true, value: undefined } : { done: false, value: piece };
      } catch (error) {
        this.#leave();
        throw failure(error);
      }
    };
    const leave = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
      this.#leave();
      return { done: true, value: undefined };
    };
    return { [Symbol.asyncIterator]: () => ({ next, return: leave }) };
  }

  /** Releases the answer: a short one is read to its end, so that its connection can be reused, and is free when this returns. */
  async discard(length: number | undefined): Promise<void> {
    if (this.#end !== undefined) return await this.#untilClosed();
    if (length !== undefined && length > DRAIN_LIMIT) return this.#abort(new Error('nobody reads it'));
    const patience = setTimeout(() => this.#abort(new Error('it takes too long')), DRAIN_PATIENCE);
    this.#dropped = 0;
    for (let piece = this.#take(); piece !== undefined; piece = this.#take()) this.#drop(piece);
    await this.#untilClosed();
    clearTimeout(patience);
  }

  onRequestStart(controller: AnswerControl): void {
    this.#controller = controller;
    this.#options.onStart?.();
    if (this.#end !== undefined) controller.abort(this.#end.error ?? new Error('nobody waits for it'));
  }

  onResponseStart(_: unknown, status: number, headers: AnswerHead['headers']): void {
    // Skips informational answers (RFC 9110, "Informational 1xx"), which we never asked for.
    if (status < 200) return;
    this.#options.watch?.rests();
    this.#head.resolve({ status, headers });
  }

  onResponseData(controller: AnswerControl, piece: Uint8Array): void {
    if (this.#dropped !== undefined) return this.#drop(piece);
    this.#pieces.push(piece);
    this.#queued += piece.length;
    if (this.#queued >= READ_AHEAD) controller.pause();
    this.#tell();
  }

  /**
   * The reader has all of it. undici gets the connection back on the next turn of the event loop; a request before that would open
   * another one.
   */
  onResponseEnd(): void {
    this.#end ??= {};
    this.#tell();
    queueMicrotask(() => setImmediate(() => this.#close({})));
  }

  onResponseError(_: unknown, error: Error): void {
    this.#head.reject(error);
    this.#close({ error });
  }

  /** Returns the next piece, or `undefined` at the end. */
  async #next(rate: LeastRate): Promise<Uint8Array | undefined> {
    const { now, onHandedOn } = this.#options;
    const asked = now();
    for (;;) {
      const piece = this.#take();
      if (piece !== undefined) {
        rate.count(piece.length, now() - asked);
        onHandedOn?.(piece);
        return piece;
      }
      if (this.#end === undefined) await this.#waitForMore();
      else if (this.#end.error === undefined) return undefined;
      else throw this.#end.error;
    }
  }

  #leave(): void {
    this.#abort(new Error('nobody reads on'));
  }

  #take(): Uint8Array | undefined {
    const piece = this.#pieces.shift();
    this.#queued -= piece?.length ?? 0;
    if (this.#queued < READ_AHEAD) this.#controller?.resume();
    return piece;
  }

  async #untilClosed(): Promise<void> {
    while (!this.#isClosed) await this.#wait();
  }

  async #waitForMore(): Promise<void> {
    this.#options.watch?.waits('body');
    await this.#wait();
    this.#options.watch?.rests();
  }

  async #wait(): Promise<void> {
    this.#news ??= Promise.withResolvers();
    await this.#news.promise;
  }

  #tell(): void {
    this.#news?.resolve();
    this.#news = undefined;
  }

  #drop(piece: Uint8Array): void {
    this.#dropped = (this.#dropped ?? 0) + piece.length;
    if (this.#dropped > DRAIN_LIMIT) this.#abort(new Error('there is too much of it'));
  }

  readonly #interrupt = (): void => {
    const error = interrupted(this.#options.signal);
    this.#head.reject(error);
    this.#abort(error);
  };

  /** Ends the answer now, and its connection with it. */
  #abort(error: Error): void {
    if (this.#end !== undefined) return;
    const controller = this.#controller;
    this.#pieces.length = 0;
    this.#close({ error });
    controller?.abort(error);
  }

  #close(end: { readonly error?: Error }): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#end ??= end;
    // The controller holds on to everything that the parser allocated for the head.
    this.#controller = undefined;
    offInterrupt(this.#options.signal, this.#interrupt);
    this.#options.watch?.rests();
    this.#tell();
    this.#options.onClose();
  }
}
