import type { Usage } from 'clipanion';
import { formatBytes, formatCount, formatDuration } from '../../internal/format.ts';
import type { RepairByParity, RepairProgress, RepairResult } from '../../verbs/repair.ts';
import { BaseCommand } from '../base-command.ts';
import { phaseAdvance } from '../display/status/advance.ts';
import { printable } from '../display/printable.ts';
import type { Status } from '../display/status/status.ts';
import type { Style } from '../display/style.ts';
import { KEY_OPTION, KEYS_NEEDED_OPTION, trustOf } from '../options/key.ts';
import { argument, listOption, restArguments, valueOption } from '../options/declare.ts';
import { commandLine, optionWords, programHere } from '../next/command.ts';
import type { Outcome } from '../outcome.ts';

/** `bundle repair BUNDLE [PATCH]…` */
export class RepairCommand extends BaseCommand {
  static override paths: string[][] = [['repair']];
  static override usage: Usage = {
    description: 'repair a damaged bundle in place, then verify all of it',
    details: `
      PATCH is what "bundle build --only" makes from the list of "bundle verify --missing-to", or another copy of the same
      bundle. BUNDLE.par beside it, which "bundle build --parity" or "bundle parity" wrote, is used first, and needs no patch.
      Without either, only the head and the frame of the bundle are repaired, since they follow from bundle.json. Nothing is
      written unless everything can be repaired; a stopped repair can be run again.
    `,
    examples: [
      ['Repair a bundle with the lab.tar.par beside it', '$0 repair lab.tar'],
      ['Repair a bundle with a patch', '$0 repair lab.tar patch.tar'],
    ],
  };

  bundle: string = argument('BUNDLE');
  patches: string[] = restArguments('PATCH');
  key: string[] | undefined = listOption(...KEY_OPTION);
  keysNeeded: string | undefined = valueOption(...KEYS_NEEDED_OPTION);

  protected override async perform(status: Status): Promise<Outcome<RepairResult>> {
    const { surroundings, verbs } = this.context;
    const { bundle: path, patches } = this;
    const { key, keysNeeded } = trustOf(this);
    const { repairBundle } = await verbs.repair();
    status.stage('open', path, { brief: true });
    const ears = this.ears(status, (progress: RepairProgress) => status.advance(phaseAdvance(progress)));
    const result = await repairBundle({ path, patches, key, keysNeeded }, surroundings, ears);
    const trust = [...optionWords('--key', key), ...optionWords('--keys-needed', this.keysNeeded)];
    const words = ['install', result.path, ...trust];
    const next = [{ text: 'install it', command: commandLine(programHere(this.context), words) }];
    return { json: result, text: (style) => renderRepair(result, style), next };
  }
}

/** Returns the result of a repair as text; the last line is the root digest. */
function renderRepair(result: RepairResult, style: Style): string {
  const { path, root, files, repaired, parity, writtenBytes, seconds } = result;
  const parts = [
    ...(parity === undefined ? [] : describeParts(parity)),
    ...(repaired.blobs === 0 ? [] : [formatCount(repaired.blobs, 'blob')]),
    ...(files.length === 0 ? [] : [files.join(', ')]),
  ];
  const took = `${formatBytes(writtenBytes)} written in ${formatDuration(seconds)}`;
  const headline =
    writtenBytes === 0 && parts.length === 0
      ? `${style('good', 'Sound')} ${printable(path)}: there was nothing to repair`
      : `${style('good', 'Repaired')} ${printable(path)}: ${parts.length === 0 ? 'its frame' : parts.join(', ')}, ${took}`;
  return [headline, `root ${style('strong', root)}`].join('\n');
}

function describeParts({ shards, moved, remade }: RepairByParity): readonly string[] {
  return [
    ...(shards === 0 ? [] : [`${formatCount(shards, 'shard')} by parity`]),
    ...(moved === 0 ? [] : [`the order of ${formatCount(moved, 'volume')}`]),
    ...(remade ? ['the parity file'] : []),
  ];
}
