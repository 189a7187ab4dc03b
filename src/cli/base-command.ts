import { Command } from 'clipanion';
import type { SaddlebagError } from '../internal/error.ts';
import { EXIT_STATUS } from '../internal/error-code.ts';
import type { Ears } from '../steps/ears.ts';
import type { CliContext } from './context.ts';
import { createStatus } from './display/create-status.ts';
import { asSaddlebagError, encodeError, interruptedDuring, renderError } from './display/error.ts';
import type { Status } from './display/status.ts';
import { isColoured, isLive, styleFor } from './display/style.ts';
import { flagOption } from './options/declare.ts';
import type { Outcome } from './outcome.ts';

/**
 * What every command shares: output and error reporting. stdout carries only the result, as text or one JSON document;
 * progress, findings and errors go to stderr.
 */
export abstract class BaseCommand extends Command<CliContext> {
  json: boolean = flagOption('--json', 'print the result as one JSON document');
  quiet: boolean = flagOption('--quiet', 'no progress; warnings and errors stay');
  verbose: boolean = flagOption('--verbose', 'also report what is in order, and the causes of an error');

  /** Runs the command and returns its result. */
  protected abstract perform(status: Status): Promise<Outcome<unknown>>;

  /** Returns a verb's listeners, which report on stderr. */
  protected ears<Progress = unknown>(
    status: Status,
    onProgress?: (progress: Progress) => void,
  ): Ears<Progress> {
    const { signal } = this.context;
    return { signal, onFinding: (finding) => status.finding(finding), onProgress };
  }

  override async execute(): Promise<number> {
    const { stdout, env } = this.context;
    const { json, text, failure } = await this.#performWithStatus();
    stdout.write(this.json ? encodeResult(json) : `${text(styleFor(stdout, env))}\n`);
    return failure === undefined ? 0 : this.#tell(failure);
  }

  /** Without this, the library would print errors to stdout and exit with 1. */
  override async validateAndExecute(): Promise<number> {
    try {
      return await this.execute();
    } catch (error) {
      return this.#fail(error);
    }
  }

  async #performWithStatus(): Promise<Outcome<unknown>> {
    const { stderr, env } = this.context;
    using status = await createStatus({
      stream: stderr,
      style: styleFor(stderr, env),
      coloured: isColoured(stderr, env),
      quiet: this.quiet,
      verbose: this.verbose,
      live: isLive(stderr, env),
    });
    return await this.perform(status);
  }

  #fail(thrown: unknown): number {
    const attempted = `bundle ${this.path.join(' ')}`;
    // Whatever error an interruption caused, the user knows why the command stopped.
    const error = this.context.signal.aborted
      ? interruptedDuring(attempted, thrown)
      : asSaddlebagError(thrown, attempted);
    if (this.json) this.context.stdout.write(encodeResult(encodeError(error)));
    return this.#tell(error);
  }

  #tell(error: SaddlebagError): number {
    const { stderr, env } = this.context;
    stderr.write(renderError(error, { style: styleFor(stderr, env), verbose: this.verbose }));
    return EXIT_STATUS[error.code];
  }
}

function encodeResult(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
