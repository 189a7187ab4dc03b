/** Something worth telling a user beside the result. `error` means that it will not work. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'error';
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string | undefined;
  /** What it speaks of, for programs: a path, or a reference at a registry. */
  readonly about?: string | undefined;
}
