import { isOfKind, type RequestEntry, type RequestKind } from './request-log.ts';

/** What goes wrong. */
export type FaultAction =
  /** Answers with this instead; `body` is JSON unless it is a string. */
  | {
      readonly type: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: unknown;
    }
  /** Takes the request and never answers. */
  | { readonly type: 'silence' }
  /** Answers 200 with a login page. */
  | { readonly type: 'html' }
  /** Answers 307 to the same path at another origin. */
  | { readonly type: 'redirect'; readonly to: string }
  /** Breaks the connection after so many bytes of the response body. */
  | { readonly type: 'drop'; readonly afterBytes: number }
  /** Sends so many bytes of the response body, and then nothing, until the client goes away. */
  | { readonly type: 'stall'; readonly afterBytes: number }
  /** Flips a bit of the response body at this byte. */
  | { readonly type: 'corrupt'; readonly atByte: number }
  /** Names this digest in the header, whatever the content; `undefined` leaves the header out. */
  | { readonly type: 'digest'; readonly digest: string | undefined }
  /** Sends the whole body with 200 although a range was asked for. */
  | { readonly type: 'ignore-range' }
  /** Breaks the connection after so many bytes of the request body. */
  | { readonly type: 'drop-upload'; readonly afterBytes: number }
  /** Does what was asked, and breaks the connection instead of saying so. */
  | { readonly type: 'drop-answer' }
  /** Answers 401 and forgets the token that came, as if it had expired. */
  | { readonly type: 'expire-token' };

/** A scripted fault: the `times` requests of a kind that come after `skip` others. What an earlier fault took does not count. */
export interface Fault {
  readonly on: RequestKind;
  readonly path?: RegExp;
  /** 0 when left out. */
  readonly skip?: number;
  /** 1 when left out. */
  readonly times?: number;
  readonly action: FaultAction;
}

/** Hands out each fault when its request comes; a request meets one fault at most. */
export class FaultScript {
  readonly #faults: { fault: Fault; seen: number }[] = [];

  add(fault: Fault): void {
    this.#faults.push({ fault, seen: 0 });
  }

  take(entry: RequestEntry): FaultAction | undefined {
    for (const pending of this.#faults) {
      const { on, path, skip = 0, times = 1, action } = pending.fault;
      if (!isOfKind(entry, on) || !(path?.test(entry.path) ?? true)) continue;
      pending.seen += 1;
      if (pending.seen > skip && pending.seen <= skip + times) return action;
    }
    return undefined;
  }
}
