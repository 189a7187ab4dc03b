import type { Usage } from 'clipanion';
import { formatBytes, formatCount } from '../../internal/format.ts';
import type { PruneResult } from '../../verbs/prune.ts';
import { BaseCommand } from '../base-command.ts';
import { renderFinding } from '../display/finding.ts';
import { printable } from '../display/printable.ts';
import type { Status } from '../display/status/status.ts';
import type { Style } from '../display/style.ts';
import { renderTakenBack } from '../display/taken-back.ts';
import { CA_FILE_OPTION } from '../options/ca-file.ts';
import { flagOption, listOption, valueOption } from '../options/declare.ts';
import { REGISTRIES_OPTION } from '../options/registries.ts';
import type { Outcome } from '../outcome.ts';

/** `bundle prune --keep RECEIPT…` */
export class PruneCommand extends BaseCommand {
  static override paths: string[][] = [['prune']];
  static override usage: Usage = {
    description: 'take back what no kept bundle needs',
    details: `
      Takes back every install of this user but those that are kept, at registries, nodes, engines, in Rancher Desktop's cache and for kuberlr. What a kept
      install needs stays, and so does whatever was changed since or that no install brought. An install that is not complete stays as a whole.
      A registry frees the bytes at its next garbage collection: "registry garbage-collect CONFIG" of Docker's registry, while nothing is pushed; in Harbor
      "Clean Up" under "Administration".
    `,
    examples: [
      ['See what would go, and how many bytes that frees', '$0 prune --keep lab-2026-11.tar --dry-run'],
      ['Keep two installs, and take back all others', '$0 prune --keep november.json --keep october.json'],
    ],
  };

  keep: string[] | undefined = listOption(
    '--keep',
    'RECEIPT',
    'an install that stays: its receipt or its bundle; may be repeated',
  );
  registries: string | undefined = valueOption(...REGISTRIES_OPTION);
  caFile: string | undefined = valueOption(...CA_FILE_OPTION);
  dryRun: boolean = flagOption('--dry-run', 'show what would be removed, and change nothing');

  protected override async perform(status: Status): Promise<Outcome<PruneResult>> {
    const { surroundings, verbs } = this.context;
    const { keep = [], registries: registriesFile, caFile, dryRun } = this;
    status.stage('uninstall', 'what is not kept', { brief: true });
    const { prune } = await verbs.prune();
    const result = await prune({ keep, registriesFile, caFile, dryRun }, surroundings, this.ears(status));
    return { json: result, text: (style) => renderPrune(result, { dryRun, style }) };
  }
}

function renderPrune(
  { pruned, actions, bytes, findings }: PruneResult,
  { dryRun, style }: { readonly dryRun: boolean; readonly style: Style },
): string {
  const installs = formatCount(pruned.length, 'install');
  const headline =
    pruned.length === 0
      ? 'Nothing to take back'
      : dryRun
        ? `Would take back ${installs}, which frees ${formatBytes(bytes)} on this disk`
        : `Took back ${installs}, which freed ${formatBytes(bytes)} on this disk`;
  const atRegistries = actions.some(({ target, outcome }) => target === 'registry' && outcome === 'removed');
  const lines = [
    style('strong', headline),
    ...pruned.map(({ name, root }) => `  ${printable(name)}  ${root}`),
    renderTakenBack(actions, { dryRun }),
    atRegistries && !dryRun ? 'Registries free what went there at their next garbage collection.' : '',
    ...findings.map((finding) => renderFinding(finding, style)),
  ];
  return lines.filter((line) => line !== '').join('\n');
}
