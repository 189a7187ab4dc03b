import type { Usage } from 'clipanion';
import type { ItemChange } from '../../bundle/diff.ts';
import { formatBytes, formatCount } from '../../internal/format.ts';
import type { DiffResult } from '../../verbs/diff.ts';
import { BaseCommand } from '../base-command.ts';
import { printable } from '../display/printable.ts';
import type { Status } from '../display/status/status.ts';
import type { Style } from '../display/style.ts';
import { formatTable } from '../display/table.ts';
import { CA_FILE_OPTION } from '../options/ca-file.ts';
import { REGISTRIES_OPTION } from '../options/registries.ts';
import { argument, valueOption } from '../options/declare.ts';
import type { Outcome } from '../outcome.ts';

/** `bundle diff OLD NEW` */
export class DiffCommand extends BaseCommand {
  static override paths: string[][] = [['diff']];
  static override usage: Usage = {
    description: 'show how a bundle differs from an older one, or from what was installed',
    details: `
      Each of the two is a bundle in any form or the receipt of an install. A delta built with
      --since OLD carries what only NEW has, besides manifests and configs.
    `,
    examples: [
      ['Compare two bundles', '$0 diff lab-1.tar lab-2.tar'],
      ['See what an install has not brought yet', '$0 diff receipt.json lab-2.tar'],
    ],
  };

  old: string = argument('OLD');
  new: string = argument('NEW');
  registries: string | undefined = valueOption(...REGISTRIES_OPTION);
  caFile: string | undefined = valueOption(...CA_FILE_OPTION);

  protected override async perform(status: Status): Promise<Outcome<DiffResult>> {
    const { surroundings, verbs } = this.context;
    status.stage('compare', this.new, { brief: true });
    const { diffBundles } = await verbs.diff();
    const { old, new: next, registries: registriesFile, caFile } = this;
    const wish = { old, new: next, registriesFile, caFile };
    const result = await diffBundles(wish, surroundings, this.ears(status));
    return { json: result, text: (style) => renderDiff(result, style) };
  }
}

const SIGN: Readonly<Record<ItemChange['change'], string>> = { added: '+', removed: '-', changed: '~' };

/** Returns the differences between two bundles as text: a line per item, then the amount of content. */
function renderDiff(result: DiffResult, style: Style): string {
  const { items, unchanged, added, removed, kept } = result;
  const counts = (['added', 'changed', 'removed'] as const).map(
    (change) => `${items.filter((item) => item.change === change).length} ${change}`,
  );
  const rows = items.map(({ change, kind, name }) => [SIGN[change], kind, printable(name)]);
  return [
    style('strong', `${printable(result.old.path)} -> ${printable(result.new.path)}`),
    ...(rows.length === 0 ? [] : [formatTable(rows, { indent: '  ' })]),
    `items: ${counts.join(', ')}, ${unchanged} unchanged`,
    formatTable(
      [
        ['only in the new one', formatCount(added.blobs, 'blob'), formatBytes(added.bytes)],
        ['only in the old one', formatCount(removed.blobs, 'blob'), formatBytes(removed.bytes)],
        ['in both', formatCount(kept.blobs, 'blob'), formatBytes(kept.bytes)],
      ],
      { indent: '  ', right: [1, 2] },
    ),
  ].join('\n');
}
