import type { Usage } from 'clipanion';
import type { UninstallResult } from '../../verbs/uninstall.ts';
import { BaseCommand } from '../base-command.ts';
import { renderFinding } from '../display/finding.ts';
import { printable } from '../display/printable.ts';
import { renderTakenBack } from '../display/taken-back.ts';
import type { Status } from '../display/status/status.ts';
import type { Style } from '../display/style.ts';
import { CA_FILE_OPTION } from '../options/ca-file.ts';
import { argument, flagOption, valueOption } from '../options/declare.ts';
import { REGISTRIES_OPTION } from '../options/registries.ts';
import type { Outcome } from '../outcome.ts';

/** `bundle uninstall RECEIPT|BUNDLE` */
export class UninstallCommand extends BaseCommand {
  static override paths: string[][] = [['uninstall']];
  static override usage: Usage = {
    description: 'take back what an install put there',
    details: `
      Give the receipt that the install named, or the bundle, whose receipt is then looked up. Removes files that are still what the install placed, folders that become
      empty, and images whose name at the registry still leads to what was pushed: they are deleted by digest, so any
      other tag of the same manifest in that repository goes too. What has changed since, or what another receipt requires,
      stays. The receipt is removed last; whatever failed is kept in it, and the command can be run again.
    `,
    examples: [
      ['See what would be removed', '$0 uninstall receipt.json --dry-run'],
      ['Take back what a bundle brought', '$0 uninstall lab.tar'],
      [
        'Take back an install, with credentials for the registry',
        '$0 uninstall receipt.json --registries registries.yaml',
      ],
    ],
  };

  receipt: string = argument('RECEIPT_OR_BUNDLE');
  registries: string | undefined = valueOption(...REGISTRIES_OPTION);
  caFile: string | undefined = valueOption(...CA_FILE_OPTION);
  dryRun: boolean = flagOption('--dry-run', 'show what would be removed, and change nothing');

  protected override async perform(status: Status): Promise<Outcome<UninstallResult>> {
    const { surroundings, verbs } = this.context;
    const { receipt, registries: registriesFile, caFile, dryRun } = this;
    status.stage('uninstall', receipt, { brief: true });
    const { uninstall } = await verbs.uninstall();
    const wish = { receipt, registriesFile, caFile, dryRun };
    const result = await uninstall(wish, surroundings, this.ears(status));
    return { json: result, text: (style) => renderUninstall(result, { dryRun, style }) };
  }
}

/** Returns the result of an uninstall as text: what was removed at each target, what stays, and why. */
function renderUninstall(
  { actions, findings, receipt }: UninstallResult,
  { dryRun, style }: { readonly dryRun: boolean; readonly style: Style },
): string {
  const isAny = actions.some(({ outcome }) => outcome === 'removed');
  const headline = isAny ? (dryRun ? 'Would uninstall' : 'Uninstalled') : 'Nothing to take back';
  const lines = [style('strong', headline), renderTakenBack(actions, { dryRun })];
  lines.push(...findings.map((finding) => renderFinding(finding, style)));
  if (!dryRun) lines.push(`removed receipt ${printable(receipt)}`);
  return lines.filter((line) => line !== '').join('\n');
}
