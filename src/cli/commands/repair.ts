import { Option, type Usage } from 'clipanion';
import { BaseCommand } from '../base-command.ts';
import { checkAdvance } from '../display/advance.ts';
import { renderRepair } from '../display/repair.ts';
import type { Status } from '../display/status.ts';
import { KEY_OPTION } from '../key-options.ts';
import { valueOption } from '../options.ts';
import type { Outcome } from '../outcome.ts';

/** `bundle repair BUNDLE [PATCH]…` */
export class RepairCommand extends BaseCommand {
  static override paths: string[][] = [['repair']];
  static override usage: Usage = {
    description: 'mend a damaged bundle in place, and verify all of it afterwards',
    details: `
      A PATCH is what "bundle build --only" makes of the list of "bundle verify --missing-to", or another copy of the same
      bundle. Without one, the head and the frame of the bundle are mended, which follow from bundle.json. Nothing is written
      unless everything can be mended; a repair that was stopped is done again.
    `,
    examples: [['Mend a bundle', '$0 repair lab.tar patch.tar']],
  };

  bundle: string = Option.String({ name: 'BUNDLE', required: true });
  patches: string[] = Option.Rest({ name: 'PATCH' });
  key: string | undefined = valueOption(...KEY_OPTION);

  protected override async perform(status: Status): Promise<Outcome> {
    const { env, home, signal, verbs } = this.context;
    const result = await verbs.repair(this.bundle, {
      patches: this.patches,
      key: this.key,
      env,
      home,
      signal,
      onProgress: (progress) => status.advance(checkAdvance(progress)),
      onFinding: (finding) => status.finding(finding),
    });
    return { json: result, text: (style) => renderRepair(result, style) };
  }
}
