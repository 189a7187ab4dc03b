import type { OptionEntry, PositionalEntry } from './options/declare.ts';

/** All there is to say about one command; help, reference, completion and the manual page are made from it. */
export interface CommandPage {
  readonly name: string;
  readonly usage: string;
  readonly positionals: readonly PositionalEntry[];
  readonly description: string;
  /** Paragraphs, in lines that are easily read. */
  readonly details: string;
  /** The options of every command come last. */
  readonly options: readonly OptionEntry[];
  /** What an example does, and the command line. */
  readonly examples: readonly (readonly [string, string])[];
}

/** Returns an option as it is typed: `-o, --output OUT`, `--rancher-desktop[=DIR]`. */
export function formatOption({ names, value, isValueOptional }: OptionEntry): string {
  const listed = names.join(', ');
  if (value === undefined) return listed;
  return isValueOptional === true ? `${listed}[=${value}]` : `${listed} ${value}`;
}
