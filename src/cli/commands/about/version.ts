import type { Usage } from 'clipanion';
import { BaseCommand } from '../../base-command.ts';
import type { Outcome } from '../../outcome.ts';

/** `bundle version` */
export class VersionCommand extends BaseCommand {
  static override paths: string[][] = [['version']];
  static override usage: Usage = {
    description: 'print the version',
  };

  protected override async perform(): Promise<Outcome> {
    const { version } = this.context;
    return { json: { version }, text: () => version };
  }
}
