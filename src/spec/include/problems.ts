import type { Problem } from '../yaml/decode.ts';
import type { YamlText } from '../yaml/text.ts';
import type { IncludeFormat } from './format.ts';

/** Returns what is wrong with an included file, at the place where it is named. */
export type Cannot = (fact: string, hint?: string) => Problem;

export function withoutComponents(cannot: Cannot): Problem {
  return cannot('it has no components to choose from', 'Leave "components" out.');
}

export function secondSpec(document: YamlText): Problem {
  return {
    place: document.placeOf([]),
    subject: 'included file',
    fact: 'a second YAML document begins here',
    hint: 'Write each spec into a file of its own.',
  };
}

export function unknownFile(document: YamlText, formats: readonly IncludeFormat[]): Problem {
  return {
    place: document.placeOf([]),
    subject: 'included file',
    fact: 'it is neither a spec nor a file of another program that this one reads',
    hint: `A spec begins with "bundle: 1". Of other programs: ${formats.map(({ title }) => title).join(', ')}.`,
  };
}
