import { Option, type Usage } from 'clipanion';
import { BaseCommand } from '../base-command.ts';
import { renderDiff } from '../display/diff.ts';
import type { Outcome } from '../outcome.ts';

/** `bundle diff OLD NEW` */
export class DiffCommand extends BaseCommand {
  static override paths: string[][] = [['diff']];
  static override usage: Usage = {
    description: 'show what sets a bundle apart from an older one, or from what was installed',
    details: `
      Each of the two is a bundle of any shape or the receipt of an install. The size of what only NEW has is that of a delta
      built with --since OLD, which carries manifests and configs besides.
    `,
    examples: [
      ['Compare two bundles', '$0 diff lab-1.tar lab-2.tar'],
      ['See what an install has not brought yet', '$0 diff receipt.json lab-2.tar'],
    ],
  };

  old: string = Option.String({ name: 'OLD', required: true });
  new: string = Option.String({ name: 'NEW', required: true });

  protected override async perform(): Promise<Outcome> {
    const { signal, verbs } = this.context;
    const result = await verbs.diff(this.old, this.new, { signal });
    return { json: result, text: (style) => renderDiff(result, style) };
  }
}
