import type { Usage } from 'clipanion';
import type { JsonSchema } from '../../../steps/spec-document.ts';
import { BaseCommand } from '../../base-command.ts';
import type { CommandPage } from '../../command-page.ts';
import { renderOverview, renderPage } from '../../help.ts';
import { optionalArgument } from '../../options/declare.ts';
import type { Outcome } from '../../outcome.ts';
import { unknownCommand } from '../../usage-error.ts';

/** All commands, the one that was named, or the schema of a spec file. */
type HelpResult = readonly CommandPage[] | CommandPage | JsonSchema;

/** `bundle help [COMMAND]` */
export class HelpCommand extends BaseCommand {
  static override paths: string[][] = [['help']];
  static override usage: Usage = {
    description: 'explain a command and its options',
    details: `
      "bundle help spec" has every key of a spec file; with --json it prints the JSON Schema, for editors.
    `,
    examples: [
      ['Everything about build', '$0 help build'],
      ['Every key of a spec', '$0 help spec'],
    ],
  };

  command: string | undefined = optionalArgument('COMMAND');

  protected override async perform(): Promise<Outcome<HelpResult>> {
    const pages = await this.context.pages();
    if (this.command === undefined) return { json: pages, text: (style) => renderOverview(pages, style) };
    if (this.command === 'spec') {
      const { specDocument, specJsonSchema } = await import('../../../steps/spec-document.ts');
      return { json: specJsonSchema(), text: () => specDocument().trimEnd() };
    }
    const page = pages.find(({ name }) => name === this.command);
    if (page !== undefined) return { json: page, text: (style) => renderPage(page, style) };
    const names = pages.map(({ name }) => name);
    throw unknownCommand(this.command, names, 'explain');
  }
}
