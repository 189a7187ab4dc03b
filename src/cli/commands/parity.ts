import type { Usage } from 'clipanion';
import { formatDuration } from '../../internal/format.ts';
import type { ParityOutcome, ParityProgress } from '../../verbs/parity.ts';
import { BaseCommand } from '../base-command.ts';
import { phaseAdvance } from '../display/status/advance.ts';
import { describeParity } from '../display/parity.ts';
import type { Status } from '../display/status/status.ts';
import type { Style } from '../display/style.ts';
import { KEY_OPTION, KEYS_NEEDED_OPTION, trustOf } from '../options/key.ts';
import { argument, listOption, valueOption } from '../options/declare.ts';
import { parsePercent } from '../options/values.ts';
import { commandLine, nameOf } from '../next/command.ts';
import type { Outcome } from '../outcome.ts';

/** `bundle parity BUNDLE` */
export class ParityCommand extends BaseCommand {
  static override paths: string[][] = [['parity']];
  static override usage: Usage = {
    description: 'make a parity file beside a bundle, to repair damage later',
    details: `
      BUNDLE.par has what "bundle repair" needs to repair bad sectors, a file that was cut short, or lost volumes, without a second
      trip. The bundle is verified first, and does not change. It must be a tar, a zip, or volumes. Carry both files
      together; signing the bundle later does not make the parity file out of date.
    `,
    examples: [
      ['Prepare for 5 % of damage', '$0 parity lab.tar'],
      ['Prepare for the loss of one volume of five', '$0 parity /media/usb/lab.tar.001 --strength 25%'],
    ],
  };

  bundle: string = argument('BUNDLE');
  strength: string | undefined = valueOption(
    '--strength',
    'PERCENT',
    'how much of the bundle may be damaged, 1% to 100%; 5% when left out',
  );
  key: string[] | undefined = listOption(...KEY_OPTION);
  keysNeeded: string | undefined = valueOption(...KEYS_NEEDED_OPTION);

  protected override async perform(status: Status): Promise<Outcome<ParityOutcome>> {
    const { surroundings, verbs } = this.context;
    const { bundle: path } = this;
    const { key, keysNeeded } = trustOf(this);
    const percent = this.strength === undefined ? undefined : parsePercent('--strength', this.strength);
    const { makeParityFile } = await verbs.parity();
    status.stage('open', path, { brief: true });
    const ears = this.ears(status, (progress: ParityProgress) => status.advance(phaseAdvance(progress)));
    const result = await makeParityFile({ path, key, keysNeeded, percent }, surroundings, ears);
    const repair = commandLine('bundle', ['repair', nameOf(path)]);
    const text = `carry ${nameOf(result.path)} beside the bundle; over there, when verify finds damage`;
    const next = [{ text, command: repair, paths: [result.path] }];
    return { json: result, text: (style) => renderParity(result, style), next };
  }
}

/** Returns what was made, as text; the last line is the root digest. */
function renderParity(result: ParityOutcome, style: Style): string {
  return [
    `${style('good', 'Made')} ${describeParity(result)}; took ${formatDuration(result.seconds)}`,
    `root ${style('strong', result.root)}`,
  ].join('\n');
}
