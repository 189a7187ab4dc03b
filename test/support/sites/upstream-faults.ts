/** How an upstream misbehaves. */
export type FaultAnswer =
  /** Another status, for example 404, 429, 500, or 302 with a `location`. */
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** A login page with status 200. */
  | 'html'
  /** The right length, and one byte changed. */
  | 'wrong-bytes'
  /** Half of the content, then the connection is closed. */
  | 'early-close'
  /** Half of the content, then silence. */
  | 'stall'
  /** A text without the lines that hold this. */
  | { readonly withoutLine: string };

export interface Fault {
  /** The path, decoded, or what it matches. */
  readonly path: string | RegExp;
  readonly method?: 'GET' | 'HEAD';
  /** How often; always when left out. */
  readonly times?: number;
  readonly answer: FaultAnswer;
}

/** The script of faults; earlier ones are used up first. */
export class Faults {
  readonly #script: { readonly fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#script.push({ fault, left: fault.times ?? Infinity });
  }

  clear(): void {
    this.#script.length = 0;
  }

  /** Returns the fault that a request meets, and counts it. */
  take(method: string, path: string): FaultAnswer | undefined {
    const entry = this.#script.find(({ fault, left }) => left > 0 && meets(fault, method, path));
    if (entry === undefined) return undefined;
    entry.left -= 1;
    return entry.fault.answer;
  }
}

function meets(fault: Fault, method: string, path: string): boolean {
  if (fault.method !== undefined && fault.method !== method) return false;
  return typeof fault.path === 'string' ? fault.path === path : fault.path.test(path);
}
