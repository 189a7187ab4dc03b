import type { Usage } from 'clipanion';
import { BaseCommand } from '../base-command.ts';
import { renderOverview, renderPage } from '../help.ts';
import { optionalArgument } from '../options/declare.ts';
import type { Outcome } from '../outcome.ts';
import { unknownCommand } from '../usage-error.ts';

/** `bundle help [COMMAND]` */
export class HelpCommand extends BaseCommand {
  static override paths: string[][] = [['help']];
  static override usage: Usage = {
    description: 'explain a command and its options',
    examples: [['Everything about build', '$0 help build']],
  };

  command: string | undefined = optionalArgument('COMMAND');

  protected override async perform(): Promise<Outcome> {
    const pages = await this.context.pages();
    if (this.command === undefined) return { json: pages, text: (style) => renderOverview(pages, style) };
    const page = pages.find(({ name }) => name === this.command);
    if (page !== undefined) return { json: page, text: (style) => renderPage(page, style) };
    const names = pages.map(({ name }) => name);
    throw unknownCommand(this.command, names, 'explain');
  }
}
