import type { OptionEntry, PositionalEntry } from './options/declare.ts';

/** Everything documented about a command; help, reference, completion and the manual page are made from it. */
export interface CommandPage {
  readonly name: string;
  readonly usage: string;
  readonly positionals: readonly PositionalEntry[];
  readonly description: string;
  /** Paragraphs, wrapped for reading. */
  readonly details: string;
  /** Options that every command has come last. */
  readonly options: readonly OptionEntry[];
  /** What an example does, and its command line. */
  readonly examples: readonly (readonly [string, string])[];
}

/** Returns an option as the user types it: `-o, --output OUT`, `--rancher-desktop[=DIR]`. */
export function formatOption({ names, value, isValueOptional }: OptionEntry): string {
  const listed = names.join(', ');
  if (value === undefined) return listed;
  return isValueOptional === true ? `${listed}[=${value}]` : `${listed} ${value}`;
}
