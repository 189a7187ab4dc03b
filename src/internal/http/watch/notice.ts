/** What a request waits for: a connection, the other side to take bytes, the head of an answer, or more of its body. */
export type Phase = 'connect' | 'send' | 'answer' | 'body';

/** Which try of how many; the count begins again with progress. */
export interface TryCount {
  readonly try: number;
  readonly tries: number;
}

/** What keeps requests waiting. Seconds are whole ones; `host` has its port where that is not the scheme's own. */
export type NetworkNotice =
  /** Nothing has come for a while; told again at intervals. `request` tells simultaneous requests apart. */
  | ({
      readonly type: 'silence';
      readonly request: number;
      readonly host: string;
      readonly phase: Phase;
      readonly seconds: number;
    } & TryCount)
  /** A silence that was told of is over, in whatever way. */
  | { readonly type: 'silence-end'; readonly request: number; readonly host: string }
  /** A try failed, and after so many seconds comes the one with this number. */
  | ({
      readonly type: 'retry';
      readonly host: string;
      readonly seconds: number;
      readonly reason: string;
    } & TryCount)
  /** The host asked to be left alone. */
  | {
      readonly type: 'pause';
      readonly host: string;
      readonly seconds: number;
      /** Whether its quota is used up; otherwise it is merely busy. */
      readonly isQuota: boolean;
    };
