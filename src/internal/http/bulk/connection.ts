import type { Socket } from 'node:net';
import { errors } from 'undici';
import type { Landing } from '../../lease.ts';
import type { AnswerControl, IncomingAnswer } from '../incoming.ts';
import { HEAD_END, parsePlainHead, type PlainHead } from './head.ts';

/** What a connection receives into unless it is the content that somebody has a place for (bytes). */
const LITTLE = 16 * 1024;
/** How long what was received may be held back, so that more of it is handed on together (milliseconds). */
const GATHERED = 100;
/** How long a connection is kept without a use (milliseconds): less than servers do. */
const KEPT = 3000;

/** One request over a connection. */
export interface BulkRequest {
  /** As it is sent. */
  readonly text: string;
  readonly answer: IncomingAnswer;
  readonly landing: Landing;
  /** Milliseconds that the server may be silent before the head of its answer, and in its body. */
  readonly headersTimeout: number;
  readonly bodyTimeout: number;
  /** Called in place of everything else when the answer needs a complete parser. */
  readonly onUnusual: (status: number | undefined) => void;
  /** Called in place of an error when a connection that had been used before was closed without an answer. */
  readonly onStale: () => void;
}

/** A connection that receives the bodies of large answers right where the reader wants them. */
export class BulkConnection {
  readonly #onFree: (connection: BulkConnection) => void;
  readonly #little = Buffer.allocUnsafeSlow(LITTLE);
  #socket: Socket | undefined;
  #request: BulkRequest | undefined;
  #isUsed = false;
  /** The head as far as it has come; `undefined` once it is complete. */
  #head: string | undefined;
  #isKept = false;
  #timer: NodeJS.Timeout | undefined;
  /** Bytes of the body that are yet to come. */
  #left = 0;
  #isPaused = false;
  #isLanding = false;
  /** Where the next bytes go, and the part before them that was not handed on; `undefined` while they go to `little`. */
  #area: Uint8Array | undefined;
  #filled = 0;

  constructor(onFree: (connection: BulkConnection) => void) {
    this.#onFree = onFree;
  }

  /** What `net.connect` and `tls.connect` take as `onread`. The memory for the next read is asked for right after each one. */
  readonly onread = {
    buffer: (): Uint8Array => this.#room() ?? this.#little,
    callback: (count: number): boolean => {
      this.#receive(count);
      return !this.#isPaused;
    },
  };

  /** Takes the socket once it is connected. */
  open(socket: Socket): void {
    this.#socket = socket;
    let failure: Error | undefined;
    socket.on('error', (error) => (failure = error));
    socket.on('close', () => {
      const request = this.#request;
      // Servers close a connection that nobody uses, perhaps just when somebody does (RFC 9112, 9.3.1).
      const isStale = this.#isUsed && this.#head === '';
      if (!isStale) return this.#fail(failure ?? new errors.SocketError('other side closed'));
      this.#give();
      request?.onStale();
    });
    socket.on('timeout', () => {
      if (this.#request === undefined) socket.destroy();
      // A reader that rests is no silence of the server.
      else if (!this.#isPaused) this.#break(new errors.BodyTimeoutError());
    });
  }

  get isOpen(): boolean {
    return this.#socket?.destroyed === false && this.#socket.writable;
  }

  send(request: BulkRequest): void {
    const socket = this.#socket;
    if (socket === undefined) throw new Error('the connection is not open');
    this.#request = request;
    this.#head = '';
    this.#isPaused = false;
    socket.ref();
    socket.setTimeout(0);
    this.#timer = setTimeout(() => this.#break(new errors.HeadersTimeoutError()), request.headersTimeout);
    request.answer.onRequestStart(this.#control(request));
    if (this.#request === request) socket.write(request.text);
  }

  close(error: Error): void {
    this.#break(error);
  }

  #control(request: BulkRequest): AnswerControl {
    const isCurrent = (): boolean => this.#request === request;
    return {
      abort: (error) => {
        if (isCurrent()) this.#break(error);
      },
      pause: () => {
        if (isCurrent()) this.#pause();
      },
      resume: () => {
        if (!isCurrent() || !this.#isPaused) return;
        this.#isPaused = false;
        // The silence of the server counts from now on.
        this.#socket?.setTimeout(request.bodyTimeout);
        this.#socket?.resume();
      },
    };
  }

  #pause(): void {
    this.#isPaused = true;
    this.#socket?.pause();
  }

  #receive(count: number): void {
    const request = this.#request;
    // Bytes that nobody asked for: whatever comes next cannot be told apart from them.
    if (request === undefined) return void this.#socket?.destroy();
    if (this.#head !== undefined) return this.#receiveHead(request, this.#little.subarray(0, count));
    if (this.#area === undefined) this.#receiveBody(request, this.#little.subarray(0, count));
    else this.#landed(request, count);
  }

  #receiveHead(request: BulkRequest, bytes: Buffer): void {
    const before = this.#head?.length ?? 0;
    const text = `${this.#head}${bytes.toString('latin1')}`;
    const end = text.indexOf(HEAD_END, Math.max(0, before - HEAD_END.length));
    this.#head = text;
    if (end < 0 && text.length <= LITTLE) return;
    const head = end < 0 ? undefined : parsePlainHead(text.slice(0, end));
    if (head === undefined) {
      this.#give();
      this.#socket?.destroy();
      return request.onUnusual(Number(/^HTTP\/1\.\d (\d{3})/.exec(text)?.[1]));
    }
    this.#begin(request, head);
    // The reader may have ended the request.
    if (this.#request !== request) return;
    const rest = bytes.subarray(end + HEAD_END.length - before);
    if (rest.length > 0 || this.#left === 0) this.#receiveBody(request, rest);
  }

  #begin(request: BulkRequest, head: PlainHead): void {
    const { status, headers, length, isKept } = head;
    this.#head = undefined;
    this.#isKept = isKept;
    this.#left = length;
    clearTimeout(this.#timer);
    this.#socket?.setTimeout(request.bodyTimeout);
    this.#timer = setInterval(() => this.#handOn(), GATHERED);
    this.#filled = 0;
    this.#isLanding = status === 200 || status === 206;
    this.#area = this.#isLanding ? request.landing.enter() : undefined;
    this.#isLanding = this.#area !== undefined;
    request.answer.onResponseStart(undefined, status, headers);
  }

  /** Takes bytes that are not where they belong. */
  #receiveBody(request: BulkRequest, received: Buffer): void {
    // Answers after this one were not asked for.
    if (received.length > this.#left) this.#isKept = false;
    const bytes = received.subarray(0, this.#left);
    const room = this.#room();
    if (room !== undefined) {
      const count = Math.min(bytes.length, room.length);
      room.set(bytes.subarray(0, count));
      this.#landed(request, count);
      if (count < bytes.length) this.#receiveBody(request, received.subarray(count));
      return;
    }
    this.#leave(request);
    this.#left -= bytes.length;
    if (bytes.length > 0) request.answer.onResponseData(this.#control(request), Buffer.from(bytes));
    this.#endIfOver(request);
  }

  /** Counts bytes that are where they belong. */
  #landed(request: BulkRequest, count: number): void {
    this.#filled += count;
    this.#left -= count;
    if (this.#left === 0 || this.#filled === this.#area?.length) this.#handOn();
    // Until the reader has taken something, there may be no place for more.
    if (this.#left > 0 && this.#request === request && this.#room() === undefined) this.#pause();
    this.#endIfOver(request);
  }

  /** Hands on what was gathered. */
  #handOn(): void {
    const [area, filled] = [this.#area, this.#filled];
    if (area === undefined || filled === 0) return;
    this.#area = filled === area.length ? undefined : area.subarray(filled);
    this.#filled = 0;
    const request = this.#request;
    request?.answer.onResponseData(this.#control(request), area.subarray(0, filled));
  }

  /** Returns where the next bytes of the body belong, as far as there is a place for them. */
  #room(): Uint8Array | undefined {
    const request = this.#request;
    if (request === undefined || this.#head !== undefined || this.#left === 0 || !this.#isLanding)
      return undefined;
    this.#area ??= request.landing.next();
    return this.#area?.subarray(this.#filled, this.#filled + this.#left);
  }

  #endIfOver(request: BulkRequest): void {
    if (this.#left > 0 || this.#request !== request) return;
    this.#give();
    this.#isUsed = true;
    const socket = this.#socket;
    if (this.#isKept && this.isOpen) {
      socket?.setTimeout(KEPT);
      socket?.unref();
      // To notice when the server closes it.
      socket?.resume();
      this.#isPaused = false;
      this.#onFree(this);
    } else socket?.destroy();
    request.answer.onResponseEnd();
  }

  /** Ends the connection, and what is under way on it. */
  #break(error: Error): void {
    this.#socket?.destroy();
    this.#fail(error);
  }

  #fail(error: Error): void {
    const request = this.#request;
    if (request === undefined) return;
    this.#give();
    request.answer.onResponseError(undefined, error);
  }

  /** Receives nothing more into memory of the reader. */
  #leave({ landing }: BulkRequest): void {
    this.#handOn();
    if (this.#isLanding) landing.leave();
    this.#isLanding = false;
    this.#area = undefined;
    this.#filled = 0;
  }

  /** Is done with a request: from now on nothing is received into memory of its reader. */
  #give(): void {
    clearTimeout(this.#timer);
    if (this.#request !== undefined) this.#leave(this.#request);
    this.#head = undefined;
    this.#request = undefined;
  }
}
