import type { CommandPage } from '../command-page.ts';
import { offerFor } from './values.ts';

/**
 * Returns a script for bash. Where it offers no words, `-o default` makes bash offer paths. bash splits words at `=`, so `=`
 * appears as a separate word here.
 */
export function bashCompletion(pages: readonly CommandPage[]): string {
  return `# bash completion for bundle
_bundle() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command= words= word
  if [[ $current == = ]]; then current=
  elif [[ $previous == = ]]; then previous=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
    [[ $word == -* ]] || { command=$word; break; }
  done
  COMPREPLY=()
  case $command in
    '') words='${pages.map(({ name }) => name).join(' ')}' ;;
${pages.map(caseOf).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _bundle bundle saddlebag
`;
}

function caseOf({ name, options, positionals }: CommandPage): string {
  const valued = options.flatMap(({ names, value, choices }) => {
    if (value === undefined) return [];
    const offer = offerFor(value, choices);
    return [
      `        ${names.join('|')}) ${offer.type === 'words' ? `words='${offer.words.join(' ')}'` : 'return'} ;;`,
    ];
  });
  const words = positionals.flatMap(({ choices = [] }) => choices);
  const long = options.map(({ names }) => names.at(-1) ?? '');
  return [
    `    ${name})`,
    '      case $previous in',
    ...valued,
    `        *) if [[ $current == -* ]]; then words='${long.join(' ')}'; else words='${words.join(' ')}'; fi ;;`,
    '      esac ;;',
  ].join('\n');
}
