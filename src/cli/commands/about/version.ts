import type { Usage } from 'clipanion';
import { BaseCommand } from '../../base-command.ts';
import type { Outcome } from '../../outcome.ts';

/** This program. */
interface VersionResult {
  readonly version: string;
}

/** `bundle version` */
export class VersionCommand extends BaseCommand {
  static override paths: string[][] = [['version']];
  static override usage: Usage = {
    description: 'print the version',
  };

  protected override async perform(): Promise<Outcome<VersionResult>> {
    const { version } = this.context;
    return { json: { version }, text: () => version };
  }
}
