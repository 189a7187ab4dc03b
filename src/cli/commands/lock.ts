import type { Usage } from 'clipanion';
import { formatCount } from '../../internal/format.ts';
import type { LockResult } from '../../verbs/lock.ts';
import { BaseCommand } from '../base-command.ts';
import { formatPinChanges } from '../display/pin-changes.ts';
import { printable } from '../display/printable.ts';
import type { Status } from '../display/status.ts';
import type { Style } from '../display/style.ts';
import { formatTable } from '../display/table.ts';
import { CA_FILE_OPTION } from '../options/ca-file.ts';
import { argument, valueOption } from '../options/declare.ts';
import { parseCount } from '../options/values.ts';
import type { Outcome } from '../outcome.ts';

/** `bundle lock SPEC` */
export class LockCommand extends BaseCommand {
  static override paths: string[][] = [['lock']];
  static override usage: Usage = {
    description: 'pin everything that a spec asks for to digests and sizes',
    details: `
      Writes the lock next to the spec: lab.yaml is locked in lab.lock.json, one pin a line. Pins that have moved since the last time
      are listed. A build with --locked takes what the lock says. A file without a published checksum is downloaded once to be hashed.
    `,
    examples: [['Renew the lock of a spec', '$0 lock lab.yaml']],
  };

  spec: string = argument('SPEC');
  lock: string | undefined = valueOption(
    '--lock',
    'FILE',
    'where the lock goes; next to the spec when left out',
  );
  concurrency: string | undefined = valueOption(
    '--concurrency',
    'N',
    'simultaneous requests to a host, 1 to 64; 8 when left out',
  );
  registries: string | undefined = valueOption(
    '--registries',
    'FILE',
    'a registries.yaml to use instead of what the spec says',
  );
  caFile: string | undefined = valueOption(...CA_FILE_OPTION);

  protected override async perform(status: Status): Promise<Outcome> {
    const { surroundings, verbs } = this.context;
    const { spec: specPath, lock: lockPath, registries: registriesFile, caFile } = this;
    const concurrency =
      this.concurrency === undefined
        ? undefined
        : parseCount('--concurrency', this.concurrency, { min: 1, max: 64 });
    status.stage(`Resolving ${specPath}`);
    const { lockSpec } = await verbs.lock();
    const wish = { specPath, lockPath, concurrency, registriesFile, caFile };
    const result = await lockSpec(wish, surroundings, this.ears(status));
    return { json: result, text: (style) => renderLock(result, style) };
  }
}

/** Returns what was locked, as text. */
function renderLock(result: LockResult, style: Style): string {
  const { path, items, references, urls, warnings } = result;
  return [
    `${style('good', 'Locked')} ${printable(path)}`,
    formatTable(
      [
        [
          'holds',
          `${formatCount(items, 'item')}: ${formatCount(references, 'reference')}, ${formatCount(urls, 'URL')}`,
        ],
        ['pins', formatPinChanges(result)],
        ...(warnings.length === 0 ? [] : [['warnings', String(warnings.length)]]),
      ],
      { indent: '  ' },
    ),
  ].join('\n');
}
