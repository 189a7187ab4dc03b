import { Option, type Usage } from 'clipanion';
import { SaddlebagError } from '../../internal/error.ts';
import { nearest } from '../../internal/nearest.ts';
import { BaseCommand } from '../base-command.ts';
import { type CommandPage, commandPages } from '../command-page.ts';
import { renderOverview, renderPage } from '../help.ts';
import type { Outcome } from '../outcome.ts';

/** `bundle help [COMMAND]` */
export class HelpCommand extends BaseCommand {
  static override paths: string[][] = [['help']];
  static override usage: Usage = {
    description: 'say what a command does and which options it has',
    examples: [['Everything about build', '$0 help build']],
  };

  command: string | undefined = Option.String({ name: 'COMMAND', required: false });

  protected override async perform(): Promise<Outcome> {
    const pages = commandPages(this.cli.definitions());
    if (this.command === undefined) return { json: pages, text: (style) => renderOverview(pages, style) };
    const page = this.#find(pages, this.command);
    return { json: page, text: (style) => renderPage(page, style) };
  }

  #find(pages: readonly CommandPage[], name: string): CommandPage {
    const page = pages.find((one) => one.name === name);
    if (page !== undefined) return page;
    const names = pages.map((one) => one.name);
    const near = nearest(name, names);
    throw new SaddlebagError(
      'ERR_USAGE_INVALID',
      `Cannot explain "bundle ${name}": there is no such command`,
      {
        hint: near === undefined ? `Commands: ${names.join(', ')}.` : `Did you mean "bundle help ${near}"?`,
      },
    );
  }
}
