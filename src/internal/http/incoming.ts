import type { Dispatcher } from 'undici';
import type { ByteStream } from '../bytes.ts';
import { interrupted } from '../interrupt.ts';

/** Bytes read ahead of a slow reader. */
const READ_AHEAD = 256 * 1024;
/** Bytes worth reading to keep the connection of an answer that nobody wants. */
const DRAIN_LIMIT = 64 * 1024;
/** Milliseconds worth waiting for them. */
const DRAIN_PATIENCE = 1000;

/** The beginning of an answer. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface IncomingAnswerOptions {
  /** Called when the connection is done with the answer, however that ended. */
  readonly onClose: () => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * One answer as its connection gives it: the head, then a body that is pulled by whoever reads, or discarded. It takes the
 * pieces from the parser itself: streams of Node would be most of the work for a small answer.
 */
export class IncomingAnswer implements Dispatcher.DispatchHandler {
  readonly #head = Promise.withResolvers<AnswerHead>();
  readonly #options: IncomingAnswerOptions;
  #controller: Dispatcher.DispatchController | undefined;
  /** Pieces that came and were not pulled yet, and their bytes. */
  readonly #pieces: Uint8Array[] = [];
  #queued = 0;
  /** Bytes of pieces that nobody wants; `undefined` while somebody may. */
  #dropped: number | undefined;
  #end: { readonly error?: Error } | undefined;
  /** For whoever waits for the next piece or the end. */
  #news: PromiseWithResolvers<void> | undefined;

  constructor(options: IncomingAnswerOptions) {
    this.#options = options;
    // Whoever sent the request may fail before it waits for the answer.
    this.#head.promise.catch(() => undefined);
    options.signal?.addEventListener('abort', this.#interrupt, { once: true });
  }

  /** The head of the answer. Rejects when there will be none, and at once when the signal fires. */
  get head(): Promise<AnswerHead> {
    return this.#head.promise;
  }

  /** Yields the body, once. A reader that stops early ends the connection. */
  async *content(): ByteStream {
    try {
      for (;;) {
        const piece = this.#take();
        if (piece !== undefined) yield piece;
        else if (this.#end === undefined) await this.#wait();
        else if (this.#end.error === undefined) return;
        else throw this.#end.error;
      }
    } finally {
      this.#abort(new Error('nobody reads on'));
    }
  }

  /** Lets go of the answer: a short one is read to its end, so that its connection can serve again. */
  async discard(length: number | undefined): Promise<void> {
    if (this.#end !== undefined) return;
    if (length !== undefined && length > DRAIN_LIMIT) return this.#abort(new Error('nobody reads it'));
    const patience = setTimeout(() => this.#abort(new Error('it takes too long')), DRAIN_PATIENCE);
    this.#dropped = 0;
    for (let piece = this.#take(); piece !== undefined; piece = this.#take()) this.#drop(piece);
    await this.#untilEnd();
    clearTimeout(patience);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#end !== undefined) controller.abort(this.#end.error ?? new Error('nobody waits for it'));
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: AnswerHead['headers']): void {
    // What comes before the answer proper (RFC 9110, "Informational 1xx") is nothing that we asked for.
    if (status >= 200) this.#head.resolve({ status, headers });
  }

  onResponseData(controller: Dispatcher.DispatchController, piece: Uint8Array): void {
    if (this.#dropped !== undefined) return this.#drop(piece);
    this.#pieces.push(piece);
    this.#queued += piece.length;
    if (this.#queued >= READ_AHEAD) controller.pause();
    this.#tell();
  }

  /** undici takes the connection back in the next turn of the loop; asked before, it would open another one. */
  onResponseEnd(): void {
    queueMicrotask(() => setImmediate(() => this.#close({})));
  }

  onResponseError(_: Dispatcher.DispatchController | undefined, error: Error): void {
    this.#head.reject(error);
    this.#close({ error });
  }

  #take(): Uint8Array | undefined {
    const piece = this.#pieces.shift();
    this.#queued -= piece?.length ?? 0;
    if (this.#queued < READ_AHEAD) this.#controller?.resume();
    return piece;
  }

  async #untilEnd(): Promise<void> {
    while (this.#end === undefined) await this.#wait();
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

  /** Ends it now; the connection goes with it. */
  #abort(error: Error): void {
    if (this.#end !== undefined) return;
    const controller = this.#controller;
    this.#pieces.length = 0;
    this.#close({ error });
    controller?.abort(error);
  }

  #close(end: { readonly error?: Error }): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    // The controller holds on to all that the parser made of the head.
    this.#controller = undefined;
    this.#options.signal?.removeEventListener('abort', this.#interrupt);
    this.#tell();
    this.#options.onClose();
  }
}
