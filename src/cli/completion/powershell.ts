import type { CommandPage } from '../command-page.ts';
import { offerFor } from './values.ts';

/** Returns a script for PowerShell, which offers paths wherever the script offers nothing. */
export function powershellCompletion(pages: readonly CommandPage[]): string {
  return `# PowerShell completion for bundle
Register-ArgumentCompleter -Native -CommandName bundle, saddlebag -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $commands = [ordered]@{
${pages.map(({ name, description }) => `    ${quoted(name)} = ${quoted(description)}`).join('\n')}
  }
  $options = @{
${pages.map(optionsOf).join('\n')}
  }
  $choices = @{
${pages.flatMap(choicesOf).join('\n')}
  }
  $before = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { "$_" })
  $command = $before | Select-Object -Skip 1 | Where-Object { $_ -notlike '-*' } | Select-Object -First 1
  $found = if (-not $command) { $commands }
    elseif ($choices["$command $($before[-1])"]) { $choices["$command $($before[-1])"] }
    elseif ($wordToComplete -like '-*') { $options[$command] }
    else { $choices[$command] }
  if ($found -is [System.Collections.IDictionary]) {
    $found.GetEnumerator() | Where-Object { $_.Key -like "$wordToComplete*" } | ForEach-Object {
      [System.Management.Automation.CompletionResult]::new($_.Key, $_.Key, 'ParameterValue', $_.Value)
    }
  } else {
    $found | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
      [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
    }
  }
}
`;
}

function optionsOf({ name, options }: CommandPage): string {
  const pairs = options.map(
    ({ names, description }) => `${quoted(names.at(-1) ?? '')} = ${quoted(description)}`,
  );
  return `    ${quoted(name)} = [ordered]@{ ${pairs.join('; ')} }`;
}

/** Words for a command's argument, and for the value that follows an option. */
function choicesOf({ name, options, positionals }: CommandPage): readonly string[] {
  const line = (key: string, words: readonly string[]): string =>
    `    ${quoted(key)} = @(${words.map(quoted).join(', ')})`;
  const own = positionals.flatMap(({ choices = [] }) => choices);
  return [
    ...(own.length === 0 ? [] : [line(name, own)]),
    ...options.flatMap(({ names, value = '', choices }) => {
      const offer = offerFor(value, choices);
      return offer.type === 'words' ? names.map((option) => line(`${name} ${option}`, offer.words)) : [];
    }),
  ];
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
