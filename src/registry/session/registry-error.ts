import { SaddlebagError, type SaddlebagErrorOptions } from '../../internal/error.ts';
import type { ErrorCode } from '../../internal/error-code.ts';

/** A registry's answer, as far as it is safe to show. */
export interface RegistryAnswer {
  /** HTTP status, if there was an answer. */
  readonly status?: number | undefined;
  /** Without user, password and query. */
  readonly url?: string | undefined;
  /** The registry's own words: foreign text, already safe for a terminal. */
  readonly words?: string | undefined;
  /** Error codes of the distribution specification, such as `BLOB_UPLOAD_INVALID`. */
  readonly registryCodes?: readonly string[] | undefined;
  /** Whether a denial may also mean that the content does not exist; see `oci/absence.ts`. */
  readonly mayBeAbsent?: boolean | undefined;
}

/** The two halves of a message. */
export interface Statement {
  /** What was attempted: `fetch manifest "docker.io/rancher/rancher:v2.9.2"`. */
  readonly what: string;
  /** What is the case: `the registry answered 403`. */
  readonly fact: string;
}

/** A registry refused, failed or was not there. */
export class RegistryError extends SaddlebagError implements RegistryAnswer {
  readonly status: number | undefined;
  readonly url: string | undefined;
  readonly words: string | undefined;
  readonly registryCodes: readonly string[];
  readonly mayBeAbsent: boolean;
  readonly what: string;
  readonly fact: string;

  constructor(
    code: ErrorCode,
    { what, fact }: Statement,
    options: SaddlebagErrorOptions & RegistryAnswer = {},
  ) {
    super(code, `Cannot ${what}: ${fact}`, options);
    this.what = what;
    this.fact = fact;
    this.status = options.status;
    this.url = options.url;
    this.words = options.words;
    this.registryCodes = options.registryCodes ?? [];
    this.mayBeAbsent = options.mayBeAbsent ?? false;
  }

  /** Returns the same failure with some parts replaced: another attempt, a better hint. */
  with(changes: {
    readonly what: string;
    readonly fact?: string | undefined;
    readonly code?: ErrorCode | undefined;
    readonly hint?: string | undefined;
  }): RegistryError {
    const { what, fact = this.fact, code = this.code, hint = this.hint } = changes;
    return new RegistryError(
      code,
      { what, fact },
      {
        status: this.status,
        url: this.url,
        words: this.words,
        registryCodes: this.registryCodes,
        mayBeAbsent: this.mayBeAbsent,
        hint,
        cause: this.cause,
      },
    );
  }
}
