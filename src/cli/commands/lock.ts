import type { Usage } from 'clipanion';
import { SaddlebagError } from '../../internal/error.ts';
import { formatCount } from '../../internal/format.ts';
import type { LockResult, ResolvingProgress } from '../../verbs/lock.ts';
import { BaseCommand } from '../base-command.ts';
import { formatPinChanges } from '../display/pin-changes.ts';
import { printable } from '../display/printable.ts';
import { resolveAdvance } from '../display/status/advance.ts';
import type { Status } from '../display/status/status.ts';
import type { Style } from '../display/style.ts';
import { formatTable } from '../display/table.ts';
import { upgradeRows } from '../display/upgrade.ts';
import { CA_FILE_OPTION } from '../options/ca-file.ts';
import { argument, flagOption, valueOption } from '../options/declare.ts';
import { parseCount } from '../options/values.ts';
import { commandLine, optionWords } from '../next/command.ts';
import type { NextStep, Outcome } from '../outcome.ts';

/** `bundle lock SPEC` */
export class LockCommand extends BaseCommand {
  static override paths: string[][] = [['lock']];
  static override usage: Usage = {
    description: 'pin everything that a spec asks for to digests and sizes',
    details: `
      SPEC is a YAML file that says what is wanted: "bundle init" prints one to start from, "bundle help spec" has every key.

      Writes the lock next to the spec: lab.yaml is locked in lab.lock.json, one pin a line. Pins that have moved since the last time
      are listed. A build with --locked takes what the lock says. A file without a published checksum is downloaded once to be hashed.
      With --check nothing is written: exits with status 5 and lists every difference when the lock is out of date.
    `,
    examples: [
      ['Renew the lock of a spec', '$0 lock lab.yaml'],
      ['See whether anything moved upstream since', '$0 lock lab.yaml --check'],
    ],
  };

  spec: string = argument('SPEC');
  lock: string | undefined = valueOption(
    '--lock',
    'FILE',
    'where the lock goes; next to the spec when left out',
  );
  check: boolean = flagOption(
    '--check',
    'write nothing; exit with status 5 when upstream is no longer what the lock says',
  );
  concurrency: string | undefined = valueOption(
    '--concurrency',
    'N',
    'simultaneous requests to a host, 1 to 64; up to 32 when left out',
  );
  registries: string | undefined = valueOption(
    '--registries',
    'FILE',
    'a registries.yaml to use instead of what the spec says',
  );
  caFile: string | undefined = valueOption(...CA_FILE_OPTION);

  protected override async perform(status: Status): Promise<Outcome<LockResult>> {
    const { surroundings, verbs } = this.context;
    const { spec: specPath, lock: lockPath, check, registries: registriesFile, caFile } = this;
    const concurrency =
      this.concurrency === undefined
        ? undefined
        : parseCount('--concurrency', this.concurrency, { min: 1, max: 64 });
    status.stage('resolve', specPath);
    const { lockSpec } = await verbs.lock();
    const wish = { specPath, lockPath, check, concurrency, registriesFile, caFile };
    const result = await lockSpec(
      wish,
      surroundings,
      this.ears(status, (progress: ResolvingProgress) => status.advance(resolveAdvance(progress))),
    );
    return {
      json: result,
      text: (style) => renderLock(result, style),
      next: this.#next(),
      failure: isOutdated(result) ? outdated(result, this) : undefined,
    };
  }

  #next(): readonly NextStep[] {
    const words = [
      'build',
      this.spec,
      '-o',
      'OUT',
      '--locked',
      ...optionWords('--lock', this.lock),
      ...optionWords('--registries', this.registries),
      ...optionWords('--ca-file', this.caFile),
    ];
    return [{ text: 'build just that', command: commandLine('bundle', words) }];
  }
}

function isOutdated({ differences = [] }: LockResult): boolean {
  return differences.length > 0;
}

function outdated(
  { path, differences = [] }: LockResult,
  { spec, lock }: { readonly spec: string; readonly lock: string | undefined },
): SaddlebagError {
  return new SaddlebagError(
    'ERR_LOCK_OUTDATED',
    `Cannot confirm lock ${JSON.stringify(path)}: ${formatCount(differences.length, 'difference')} found`,
    {
      hint: `Run: bundle lock ${spec}${lock === undefined ? '' : ` --lock ${lock}`}`,
    },
  );
}

/** Returns what was locked, as text. */
function renderLock(result: LockResult, style: Style): string {
  const { path, differences, items, references, urls, upgrade, findings } = result;
  return [
    `${title(result, style)} ${printable(path)}`,
    formatTable(
      [
        [
          'holds',
          `${formatCount(items, 'item')}: ${formatCount(references, 'reference')}, ${formatCount(urls, 'URL')}`,
        ],
        differences === undefined
          ? ['pins', formatPinChanges(result)]
          : ['differences', differences.length === 0 ? 'none' : String(differences.length)],
        ...upgradeRows(upgrade),
        ...(findings.length === 0 ? [] : [['warnings', String(findings.length)]]),
      ],
      { indent: '  ' },
    ),
  ].join('\n');
}

function title(result: LockResult, style: Style): string {
  if (result.differences === undefined) return style('good', 'Locked');
  return isOutdated(result) ? style('error', 'Out of date') : style('good', 'Up to date');
}
