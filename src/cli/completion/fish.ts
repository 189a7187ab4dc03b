import type { CommandPage } from '../command-page.ts';
import type { OptionEntry } from '../options/declare.ts';
import { offerFor } from './values.ts';

/** Returns a script for fish. */
export function fishCompletion(pages: readonly CommandPage[]): string {
  const lines = [
    '# fish completion for bundle',
    'complete -c bundle -f',
    ...pages.map(({ name, description }) =>
      complete(`-n __fish_use_subcommand -a ${name} -d ${quoted(description)}`),
    ),
    ...pages.flatMap(linesOf),
    'complete -c saddlebag -w bundle',
  ];
  return `${lines.join('\n')}\n`;
}

function linesOf({ name, options, positionals }: CommandPage): readonly string[] {
  const within = `-n ${quoted(`__fish_seen_subcommand_from ${name}`)}`;
  const offers = positionals.map((one) => offerFor(one.name, one.choices));
  return [
    ...offers.flatMap((offer) => {
      if (offer.type === 'words') return [complete(`${within} -a ${quoted(offer.words.join(' '))}`)];
      return offer.type === 'paths' ? [complete(`${within} -F`)] : [];
    }),
    ...options.map((option) => complete(`${within} ${optionOf(option)}`)),
  ];
}

/** fish also attaches an optional value with `=`; it only needs to know that the value is not required. */
function optionOf({ names, value, choices, isValueOptional, description }: OptionEntry): string {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const text = `-d ${quoted(description)}`;
  if (value === undefined || isValueOptional === true) return [...flags, text].join(' ');
  const offer = offerFor(value, choices);
  const what = { words: '-x', paths: '-r -F', nothing: '-x' }[offer.type];
  const words = offer.type === 'words' ? [`-a ${quoted(offer.words.join(' '))}`] : [];
  return [...flags, what, ...words, text].join(' ');
}

function complete(rest: string): string {
  return `complete -c bundle ${rest}`;
}

/** fish knows two escapes within single quotes. */
function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}
