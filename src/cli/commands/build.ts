import type { Usage } from 'clipanion';
import { SaddlebagError } from '../../internal/error.ts';
import { formatBytes, formatCount, formatDuration } from '../../internal/format.ts';
import type { RequiredBundle } from '../../bundle/inventory.ts';
import type { BuildProgress, BuildResult, BuildWish, DryRun } from '../../verbs/build.ts';
import { BaseCommand } from '../base-command.ts';
import { tellBuild } from '../display/status/advance.ts';
import { kitRows } from '../display/kit.ts';
import { describeParity } from '../display/parity.ts';
import { formatPinChanges } from '../display/pin-changes.ts';
import { printable } from '../display/printable.ts';
import { describeParts } from '../display/release-parts.ts';
import type { Status } from '../display/status/status.ts';
import type { Style } from '../display/style.ts';
import { formatTable } from '../display/table.ts';
import { upgradeRows } from '../display/upgrade.ts';
import { SIGN_KEY_OPTION } from '../options/key.ts';
import { CA_FILE_OPTION } from '../options/ca-file.ts';
import {
  argument,
  choiceOption,
  flagOption,
  listOption,
  placeOption,
  valueOption,
} from '../options/declare.ts';
import { KIT_OPTION, kitOf } from '../options/kit.ts';
import { parseCount, parsePercent, parseSize } from '../options/values.ts';
import { carrySteps, patchSteps } from '../next/carry.ts';
import type { NextStep, Outcome } from '../outcome.ts';
import { FORMAT_OPTION, shapeOf, VOLUME_SIZE_OPTION } from '../options/shape.ts';

/** `bundle build SPEC -o OUT` */
export class BuildCommand extends BaseCommand {
  static override paths: string[][] = [['build']];
  static override usage: Usage = {
    description: 'pack what a spec asks for into one bundle',
    details: `
      SPEC is a YAML file that says what is wanted: "bundle init" prints one to start from, "bundle help spec" has every key.

      Everything is resolved first and fetched once. The digests found are written to a lock next to the spec; with --locked
      exactly those are built again, byte for byte, whatever has moved upstream since. A stopped build continues where it stopped when
      it is run again. Where OUT is that bundle already, there is nothing to do; what an older OUT has is not fetched again.
    `,
    examples: [
      ['Build a bundle', '$0 build lab.yaml -o lab.tar'],
      ['Build it again from its lock', '$0 build lab.yaml -o lab.tar --locked'],
      ['Build it for a stick with FAT32', '$0 build lab.yaml -o /media/usb/lab.tar --volume-size 4095MiB'],
      ['Build it with what repairs a damaged stick', '$0 build lab.yaml -o lab.tar --parity 5%'],
      ['Build what an install has not brought yet', '$0 build lab.yaml -o delta.tar --since receipt.json'],
      ['Build it onto a self-sufficient stick', '$0 build lab.yaml -o /media/usb/lab.tar --kit'],
      ['See what a build would fetch', '$0 build lab.yaml -o lab.tar --dry-run'],
    ],
  };

  spec: string = argument('SPEC');
  out: string | undefined = valueOption(
    '-o,--output',
    'OUT',
    'where the bundle goes; an existing bundle is replaced once the new one is complete',
  );
  format: string | undefined = choiceOption(...FORMAT_OPTION);
  volumeSize: string | undefined = valueOption(...VOLUME_SIZE_OPTION);
  lock: string | undefined = valueOption('--lock', 'FILE', 'the lock file; next to the spec when left out');
  locked: boolean = flagOption(
    '--locked',
    'build what the lock says, and fail when the spec asks for something it lacks',
  );
  kit: string | boolean | undefined = placeOption(...KIT_OPTION);
  signKey: string | undefined = valueOption(...SIGN_KEY_OPTION);
  signatureRoom: string | undefined = valueOption(
    '--signature-room',
    'SIZE',
    'bytes to reserve for several signatures, or one with ML-DSA-65, such as 8KiB; 128, for one, when left out',
  );
  created: string | undefined = valueOption(
    '--created',
    'TIMESTAMP',
    'date the bundle, for example 2026-08-20T14:05:00Z; no date when left out',
  );
  parity: string | undefined = valueOption(
    '--parity',
    'PERCENT',
    'write OUT.par beside it, from which "bundle repair" repairs that much damage, such as 5%',
  );
  reuse: string[] | undefined = listOption(
    '--reuse',
    'BUNDLE',
    'take unchanged content from this bundle instead of the network; may be repeated',
  );
  since: string[] | undefined = listOption(
    '--since',
    'BUNDLE_OR_RECEIPT',
    'build a delta: leave out what this bundle holds, or what this receipt says was installed; may be repeated',
  );
  only: string | undefined = valueOption(
    '--only',
    'FILE',
    'build a patch of just what "bundle verify --missing-to FILE" found missing',
  );
  concurrency: string | undefined = valueOption(
    '--concurrency',
    'N',
    'simultaneous downloads, 1 to 64; 8 when left out, and up to 32 of what is small',
  );
  registries: string | undefined = valueOption(
    '--registries',
    'FILE',
    'a registries.yaml to use instead of what the spec says',
  );
  caFile: string | undefined = valueOption(...CA_FILE_OPTION);
  dryRun: boolean = flagOption(
    '--dry-run',
    'show what would be bundled and fetched and the space it takes, and fetch no content',
  );

  protected override async perform(status: Status): Promise<Outcome<BuildResult>> {
    const { surroundings, verbs } = this.context;
    const { spec: specPath, registries: registriesFile, lock: lockPath, locked, dryRun } = this;
    const { signKey, created, reuse, since, only, caFile } = this;
    const out = this.#out();
    const concurrency =
      this.concurrency === undefined
        ? undefined
        : parseCount('--concurrency', this.concurrency, { min: 1, max: 64 });
    const { form, volumeSize } = shapeOf(this);
    const parity = this.parity === undefined ? undefined : parsePercent('--parity', this.parity);
    status.stage('resolve', specPath);
    const { buildBundle } = await verbs.build();
    const ears = this.ears(status, (progress: BuildProgress) => tellBuild(status, progress));
    const wish: BuildWish = {
      specPath,
      out,
      form,
      volumeSize,
      concurrency,
      registriesFile,
      caFile,
      lockPath,
      locked,
      signKey,
      signatureRoom:
        this.signatureRoom === undefined
          ? undefined
          : parseSize('--signature-room', this.signatureRoom, { min: 0 }),
      created,
      parity,
      reuse,
      since,
      only,
      kit: kitOf(this.kit),
      dryRun,
    };
    const result = await buildBundle(wish, surroundings, ears);
    return { json: result, text: (style) => renderBuild(result, style), next: this.#next(result) };
  }

  #next(result: BuildResult): readonly NextStep[] {
    if (this.dryRun) return [{ text: 'run the same command without --dry-run' }];
    return this.only === undefined ? carrySteps(result) : patchSteps(result);
  }

  /** When a required option is missing, the library would report "command not found". */
  #out(): string {
    if (this.out !== undefined && this.out !== '') return this.out;
    throw new SaddlebagError(
      'ERR_USAGE_INVALID',
      'Cannot run "bundle build": the option "-o OUT" is missing',
      {
        hint: 'Say where the bundle goes, for example: -o lab.tar',
      },
    );
  }
}

/** Returns the result of a build as text; the last line is the root digest. */
function renderBuild(result: BuildResult, style: Style): string {
  if (result.dryRun !== undefined) return renderPlan(result, result.dryRun, style);
  const { path, bytes, items, blobs, fetchedBytes, reusedBytes, requires = [], lock, signer } = result;
  const { kit, unchanged, parity, seconds, findings, upgrade } = result;
  const lines = [
    unchanged === true
      ? `${style('good', 'Nothing to do')}: ${printable(path)} is that bundle already`
      : `${style('good', 'Built')} ${printable(path)}`,
    formatTable(
      [
        ['holds', `${formatCount(items, 'item')} in ${formatCount(blobs, 'blob')}, ${formatBytes(bytes)}`],
        ['fetched', `${formatBytes(fetchedBytes)} in ${formatDuration(seconds)}`],
        ...(reusedBytes === 0 ? [] : [['reused', formatBytes(reusedBytes)]]),
        ...requires.map((base, index) => [index === 0 ? 'left out' : '', describeLeftOut(base)]),
        ...(lock === undefined ? [] : [['locked', `${printable(lock.path)}: ${formatPinChanges(lock)}`]]),
        ...(signer === undefined ? [] : [['signed by', signer]]),
        ...upgradeRows(upgrade),
        ...kitRows(kit),
        ...(parity === undefined ? [] : [['parity', describeParity(parity)]]),
        ...(findings.length === 0 ? [] : [['warnings', String(findings.length)]]),
      ],
      { indent: '  ' },
    ),
    `root ${style('strong', result.root)}`,
  ];
  return lines.join('\n');
}

function describeLeftOut({ name, blobs, bytes }: RequiredBundle): string {
  return `${formatCount(blobs, 'blob')}, ${formatBytes(bytes)}, which ${printable(name)} brought`;
}

function renderPlan(result: BuildResult, plan: DryRun, style: Style): string {
  const { path, bytes, items, blobs, upgrade } = result;
  const { needed, free } = plan.space;
  const verdict = free === undefined || free >= needed ? '' : ` ${style('error', '(not enough)')}`;
  const room = free === undefined ? 'not known' : formatBytes(free);
  return [
    `${style('strong', 'Would build')} ${printable(path)}`,
    formatTable(
      plan.items.map((item) => [item.kind, printable(item.name)]),
      { indent: '  ' },
    ),
    formatTable(
      [
        ['holds', `${formatCount(items, 'item')} in ${formatCount(blobs, 'blob')}, ${formatBytes(bytes)}`],
        ['to fetch', formatBytes(plan.fetchBytes)],
        ['space needed', formatBytes(needed)],
        ['space free', `${room}${verdict}`],
        ...upgradeRows(upgrade),
      ],
      { indent: '  ' },
    ),
    ...(plan.releases ?? []).flatMap((release) => describeParts(release, style)),
    `root ${style('strong', result.root)}`,
  ].join('\n');
}
