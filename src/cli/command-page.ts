import type { Definition } from 'clipanion';
import { DIGITLESS } from './options.ts';

/** An option as help and reference show it. */
export interface OptionEntry {
  readonly names: readonly string[];
  /** What its value is called; in brackets when it may be left out. */
  readonly value?: string | undefined;
  readonly description: string;
}

/** All there is to say about one command. */
export interface CommandPage {
  readonly name: string;
  readonly usage: string;
  /** Arguments without an option's name, as the usage calls them. */
  readonly positionals: readonly string[];
  readonly description: string;
  readonly details: string;
  readonly options: readonly OptionEntry[];
  /** What an example does, and the command line. */
  readonly examples: readonly (readonly [string, string])[];
}

/** Returns the pages of all commands, in the order they are registered: help and `docs/cli.md` are made from these. */
export function commandPages(definitions: readonly Definition[]): readonly CommandPage[] {
  return definitions.map((definition) => {
    // `bundle build <SPEC>`; every option has a description, so none is in the line itself.
    const [binary = '', name = '', ...positionals] = definition.usage.split(' ');
    const words = positionals.map((word) => word.replace(/^<(.*)>$/, '$1'));
    return {
      name,
      usage: [binary, name, ...words, '[options]'].join(' '),
      positionals: words,
      description: (definition.description ?? '').trim(),
      details: (definition.details ?? '').trim().replaceAll(/ +$/gm, ''),
      options: definition.options
        .map(entryOf)
        .toSorted((left, right) => Number(isShared(left)) - Number(isShared(right))),
      examples: (definition.examples ?? []).map(([what, line]) => [what.trim(), line] as const),
    };
  });
}

function entryOf(option: {
  readonly definition: string;
  readonly description?: string | undefined;
}): OptionEntry {
  const [names = ''] = option.definition.split(' ');
  const said = (option.description ?? '').trim();
  // A value is called by a word in capitals, or by the words it may be.
  const split = /^(\[?=?[A-Z][A-Z0-9_:/[\]]*|[a-z0-9]+(?:\|[a-z0-9.]+)+): (.*)$/s.exec(said);
  return {
    names: names.split(',').filter((name) => !Object.values(DIGITLESS).includes(name)),
    value: split?.[1],
    description: split?.[2] ?? said,
  };
}

/** The options of every command come last. */
function isShared(option: OptionEntry): boolean {
  return ['--json', '--quiet', '--verbose'].includes(option.names[0] ?? '');
}
