import type { Usage } from 'clipanion';
import { parseChoice } from '../../../internal/parse-choice.ts';
import { BaseCommand } from '../../base-command.ts';
import type { CommandPage } from '../../command-page.ts';
import { bashCompletion } from '../../completion/bash.ts';
import { fishCompletion } from '../../completion/fish.ts';
import { powershellCompletion } from '../../completion/powershell.ts';
import { zshCompletion } from '../../completion/zsh.ts';
import { argument } from '../../options/declare.ts';
import type { Outcome } from '../../outcome.ts';

type Shell = 'bash' | 'zsh' | 'fish' | 'powershell';

const SCRIPTS: Readonly<Record<Shell, (pages: readonly CommandPage[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
  powershell: powershellCompletion,
};
const SHELLS: readonly Shell[] = ['bash', 'zsh', 'fish', 'powershell'];

/** A script for a shell. */
interface CompletionResult {
  readonly shell: Shell;
  readonly text: string;
}

/** `bundle completion SHELL` */
export class CompletionCommand extends BaseCommand {
  static override paths: string[][] = [['completion']];
  static override usage: Usage = {
    description: 'print a script that completes commands and options in a shell',
    details: `
      SHELL is one of: ${SHELLS.join(', ')}. The shell reads the script when it starts; it does not run bundle while you type.
    `,
    examples: [
      ['Complete in this bash', 'source <($0 completion bash)'],
      ['Complete in zsh, from a folder in fpath', '$0 completion zsh > ~/.zfunc/_bundle'],
      ['Complete in fish', '$0 completion fish > ~/.config/fish/completions/bundle.fish'],
      ['Complete in PowerShell', '$0 completion powershell | Out-String | Invoke-Expression'],
    ],
  };

  shell: string = argument('SHELL', SHELLS);

  protected override async perform(): Promise<Outcome<CompletionResult>> {
    const shell = parseChoice('SHELL', this.shell, SHELLS);
    const script = SCRIPTS[shell](withNames(await this.context.pages()));
    return { json: { shell, text: script }, text: () => script.trimEnd() };
  }
}

/** The argument of `bundle help` is the name of a command. */
function withNames(pages: readonly CommandPage[]): readonly CommandPage[] {
  const choices = pages.map(({ name }) => name);
  return pages.map((page) => ({
    ...page,
    positionals: page.positionals.map((one) => (one.name === 'COMMAND' ? { ...one, choices } : one)),
  }));
}
