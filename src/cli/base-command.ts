import { Command } from 'clipanion';
import { SYSTEM_CLOCK } from '../internal/http/watch/clock.ts';
import type { SaddlebagError } from '../internal/error.ts';
import { EXIT_STATUS } from '../internal/error-code.ts';
import { parseChoice } from '../internal/parse-choice.ts';
import type { Ears } from '../steps/ears.ts';
import type { CliContext } from './context.ts';
import { asSaddlebagError, encodeError, interruptedDuring } from './display/error.ts';
import { createStatus } from './display/status/create.ts';
import type { Status, Voiced } from './display/status/status.ts';
import { PROGRESS_CHOICES, voiceOf } from './display/status/voice.ts';
import { styleFor } from './display/style.ts';
import { choiceOption, flagOption } from './options/declare.ts';
import type { Outcome } from './outcome.ts';

/**
 * What every command shares: output and error reporting. stdout carries only the result, as text or one JSON document;
 * progress, findings, errors and what comes next go to stderr.
 */
export abstract class BaseCommand extends Command<CliContext> {
  json: boolean = flagOption('--json', 'print the result as one JSON document');
  progress: string | undefined = choiceOption(
    '--progress',
    PROGRESS_CHOICES,
    'how progress is told on stderr: in place on a terminal, in plain lines, as JSON documents for programs, or not at all; "auto" when left out',
  );
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
    return {
      signal,
      onFinding: (finding) => status.finding(finding),
      onProgress,
      onNetwork: (notice) => status.network(notice),
    };
  }

  override async execute(): Promise<number> {
    const voiced = await this.#voice();
    const exitStatus = await this.#run(voiced);
    voiced.end(exitStatus);
    return exitStatus;
  }

  async #run(voiced: Voiced): Promise<number> {
    try {
      if (this.progress !== undefined) parseChoice('--progress', this.progress, PROGRESS_CHOICES);
      const { stdout, env } = this.context;
      const { json, text, failure, next = [] } = await this.#perform(voiced);
      stdout.write(this.json ? encodeResult(json) : `${text(styleFor(stdout, env))}\n`);
      if (failure !== undefined) return this.#tell(failure, voiced);
      voiced.next(next);
      return 0;
    } catch (error) {
      return this.#fail(error, voiced);
    }
  }

  /** The status leaves the terminal before the result comes. */
  async #perform({ status }: Voiced): Promise<Outcome<unknown>> {
    using shown = status;
    return await this.perform(shown);
  }

  async #voice(): Promise<Voiced> {
    const { stderr, env, surroundings } = this.context;
    return await createStatus({
      stream: stderr,
      style: styleFor(stderr, env),
      quiet: this.quiet,
      verbose: this.verbose,
      voice: voiceOf(this.progress, stderr, env),
      clock: surroundings.clock ?? SYSTEM_CLOCK,
    });
  }

  #fail(thrown: unknown, voiced: Voiced): number {
    const attempted = `bundle ${this.path.join(' ')}`;
    // Whatever error an interruption caused, the user knows why the command stopped.
    const error = this.context.signal.aborted
      ? interruptedDuring(attempted, thrown)
      : asSaddlebagError(thrown, attempted);
    if (this.json) this.context.stdout.write(encodeResult(encodeError(error)));
    return this.#tell(error, voiced);
  }

  #tell(error: SaddlebagError, voiced: Voiced): number {
    voiced.error(error);
    return EXIT_STATUS[error.code];
  }
}

function encodeResult(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
