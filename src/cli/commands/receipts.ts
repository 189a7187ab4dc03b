import type { Usage } from 'clipanion';
import { formatCount } from '../../internal/format.ts';
import type { InstalledBundle, ReceiptsResult } from '../../verbs/receipts.ts';
import { BaseCommand } from '../base-command.ts';
import { renderFinding } from '../display/finding.ts';
import { printable } from '../display/printable.ts';
import type { Status } from '../display/status/status.ts';
import type { Style } from '../display/style.ts';
import type { Outcome } from '../outcome.ts';

/** `bundle receipts` */
export class ReceiptsCommand extends BaseCommand {
  static override paths: string[][] = [['receipts']];
  static override usage: Usage = {
    description: 'list what is installed here',
    details: `
      Every install by this user leaves a receipt, which "bundle uninstall" takes. One that is not complete belongs to an install
      that is still running, was cut short or was not proven: run that install again, or take back what it left.
    `,
    examples: [['See what is installed, and where the receipts are', '$0 receipts']],
  };

  protected override async perform(status: Status): Promise<Outcome<ReceiptsResult>> {
    const { surroundings, verbs } = this.context;
    const { listReceipts } = await verbs.receipts();
    const result = await listReceipts({}, surroundings, this.ears(status));
    return { json: result, text: (style) => renderReceipts(result, style) };
  }
}

function renderReceipts({ receipts, findings }: ReceiptsResult, style: Style): string {
  return [
    receipts.length === 0 ? 'Nothing is installed here' : '',
    ...receipts.map((receipt) => renderReceipt(receipt, style)),
    ...findings.map((finding) => renderFinding(finding, style)),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function renderReceipt(installed: InstalledBundle, style: Style): string {
  const { name, root, installedAt, complete, targets, files, references, receipt } = installed;
  const state = complete ? '' : `  ${style('warning', 'not complete')}`;
  return [
    `${style('strong', printable(name))}  ${printable(installedAt)}${state}`,
    ...targets.map(({ target, place }) => `  ${printable(target)}  ${printable(place)}`),
    `  ${formatCount(files, 'file')}, ${formatCount(references, 'name')} at registries and engines`,
    `  receipt ${printable(receipt)}`,
    `  root ${root}`,
  ].join('\n');
}
