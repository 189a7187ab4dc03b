import type { CommandPage } from '../command-page.ts';
import type { OptionEntry, PositionalEntry } from '../options/declare.ts';
import { offerFor } from './values.ts';

/** Returns a script for zsh: a file for `fpath`, or one to `source`. */
export function zshCompletion(pages: readonly CommandPage[]): string {
  const commands = pages.map(({ name, description }) => `    ${quoted(`${name}:${description}`)}`);
  return `#compdef bundle saddlebag
_bundle() {
  local context state state_descr line
  typeset -A opt_args
  local -a commands=(
${commands.join('\n')}
  )
  _arguments -C '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument)
      case $words[1] in
${pages.map(caseOf).join('\n')}
      esac ;;
  esac
}
if [[ $funcstack[1] == _bundle ]]; then _bundle "$@"; else compdef _bundle bundle saddlebag; fi
`;
}

function caseOf({ name, options, positionals }: CommandPage): string {
  const specs = [...options.map(optionSpec), ...positionals.map(positionalSpec)];
  return [`        ${name}) _arguments`, ...specs].join(' \\\n          ').concat(' ;;');
}

/** A bracket ends the description, and a colon ends the part before the value. */
function optionSpec({ names, value, choices, isValueOptional, description }: OptionEntry): string {
  const text = `[${description.replaceAll(/[[\]:\\]/g, String.raw`\$&`)}]`;
  const action = value === undefined ? '' : `:${plain(value)}:${actionFor(value, choices)}`;
  return names
    .map((name) => {
      if (value === undefined) return quoted(`*${name}${text}`);
      // An optional value must be attached to the name.
      return isValueOptional === true
        ? quoted(`*${name}=-${text}:${action}`)
        : quoted(`*${name}${name.startsWith('--') ? '=' : '+'}${text}${action}`);
    })
    .join(' ');
}

function positionalSpec({ name, isRequired, isRest, choices }: PositionalEntry): string {
  const action = `${plain(name)}:${actionFor(name, choices)}`;
  if (isRest) return quoted(`*:${action}`);
  return quoted(`${isRequired ? ':' : '::'}${action}`);
}

function actionFor(name: string, choices: readonly string[] | undefined): string {
  const offer = offerFor(name, choices);
  if (offer.type === 'words') return `(${offer.words.join(' ')})`;
  return offer.type === 'paths' ? '_files' : ' ';
}

function plain(name: string): string {
  return name.replaceAll(/[:[\]]/g, ' ').trim();
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
