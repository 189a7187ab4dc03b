/** Something the user should know besides the result. `error` means that it will not work. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'error';
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string | undefined;
  /** What it is about, for programs: a path, or a reference in a registry. */
  readonly about?: string | undefined;
}
