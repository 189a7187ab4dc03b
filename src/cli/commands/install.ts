import type { Usage } from 'clipanion';
import { formatBytes } from '../../internal/format.ts';
import {
  type InstallAction,
  type InstallProgress,
  type InstallResult,
  type InstallWish,
  UnprovenError,
  type UpgradeOrderStep,
} from '../../verbs/install.ts';
import { tellInstall } from '../display/status/advance.ts';
import { renderFinding } from '../display/finding.ts';
import { printable } from '../display/printable.ts';
import { signatureLines } from '../display/signature.ts';
import type { Status } from '../display/status/status.ts';
import type { Style } from '../display/style.ts';
import { formatTable } from '../display/table.ts';
import { formatUpgradeSteps } from '../display/upgrade.ts';
import { KEY_OPTION, KEYS_NEEDED_OPTION, trustOf } from '../options/key.ts';
import { BASE_OPTION } from '../options/base.ts';
import { CA_FILE_OPTION } from '../options/ca-file.ts';
import { argument, flagOption, listOption, valueOption } from '../options/declare.ts';
import { UPLOAD_CHUNK_OPTION, uploadChunkOf } from '../options/upload-chunk.ts';
import { programHere } from '../next/command.ts';
import { installSteps } from '../next/install.ts';
import { upgradeCommand } from '../next/upgrade.ts';
import type { Outcome } from '../outcome.ts';
import { TargetCommand } from '../target-command.ts';
import type { TargetChoice } from '../../targets/choice.ts';

/** `bundle install BUNDLE` */
export class InstallCommand extends TargetCommand {
  static override paths: string[][] = [['install']];
  static override usage: Usage = {
    description: 'put what is in a bundle where it belongs, and prove that it works there',
    details: `
      The whole bundle is verified before anything is changed. With no target named, Rancher Desktop's cache and ~/.kuberlr of
      this user get what fits this host, and the registry at localhost:5000 gets the images, if one answers there; with one
      named, only the named ones are touched. Installing twice changes nothing. What a delta requires is taken from where earlier installs put it,
      or from --base.
    `,
    examples: [
      ['Install all that fits this host', '$0 install lab.tar'],
      ['Only push the images', '$0 install lab.tar --registry registry.lab:5000'],
      [
        'Prepare the cache of another desktop',
        '$0 install lab.tar --rancher-desktop=/mnt/cache --host-platform darwin/arm64',
      ],
    ],
  };

  bundle: string = argument('BUNDLE');
  hostPlatform: string | undefined = valueOption(
    '--host-platform',
    'OS/ARCH',
    'prepare for a host other than this one, for example windows/amd64',
  );
  key: string[] | undefined = listOption(...KEY_OPTION);
  keysNeeded: string | undefined = valueOption(...KEYS_NEEDED_OPTION);
  base: string[] | undefined = listOption(...BASE_OPTION);
  registries: string | undefined = valueOption(
    '--registries',
    'FILE',
    'a registries.yaml with certificates and credentials of the registry',
  );
  caFile: string | undefined = valueOption(...CA_FILE_OPTION);
  retry: string | undefined = valueOption(
    '--retry',
    'FILE',
    'write the images whose push failed to FILE; if FILE exists, push only those',
  );
  uploadChunk: string | undefined = valueOption(...UPLOAD_CHUNK_OPTION);
  whole: boolean = flagOption(
    '--whole',
    'verify all of a bundle at oci://, and not only what is taken from it',
  );
  dryRun: boolean = flagOption(
    '--dry-run',
    'show what would change and how much space it takes, and change nothing',
  );

  protected override async perform(status: Status): Promise<Outcome<InstallResult>> {
    const { dryRun } = this;
    const targets = this.targets();
    const way = { program: programHere(this.context), bundle: this.bundle, targets };
    const commandFor = (step: UpgradeOrderStep): string => upgradeCommand(step, way);
    try {
      const result = await this.#install(targets, status);
      return {
        json: result,
        text: (style) => renderInstall(result, { dryRun, style, commandFor }),
        next: installSteps(result, { dryRun, bundle: this.bundle, program: programHere(this.context) }),
      };
    } catch (error) {
      // Everything was placed, but some of it does not work: the result still reports what was done and proven.
      if (!(error instanceof UnprovenError)) throw error;
      const { result } = error;
      return {
        json: result,
        text: (style) => renderInstall(result, { dryRun, style, commandFor }),
        failure: error,
      };
    }
  }

  async #install(targets: TargetChoice, status: Status): Promise<InstallResult> {
    const { surroundings, verbs } = this.context;
    const { key, keysNeeded } = trustOf(this);
    const { bundle: path, whole, dryRun } = this;
    const { installBundle } = await verbs.install();
    status.stage('open', path, { brief: true });
    const ears = this.ears(status, (progress: InstallProgress) => tellInstall(status, progress));
    const wish: InstallWish = {
      path,
      targets,
      hostPlatform: this.hostPlatform,
      key,
      keysNeeded,
      bases: this.base,
      retry: this.retry,
      uploadChunk: uploadChunkOf(this.uploadChunk),
      registriesFile: this.registries,
      caFile: this.caFile,
      whole,
      dryRun,
    };
    return await installBundle(wish, surroundings, ears);
  }
}

/** Returns the result of an install as text: what happened at each target, what was proven there, the root digest. */
function renderInstall(
  result: InstallResult,
  options: {
    readonly dryRun: boolean;
    readonly style: Style;
    readonly commandFor: (step: UpgradeOrderStep) => string;
  },
): string {
  const { dryRun, style, commandFor } = options;
  const { actions, findings, upgrade, receipt, root } = result;
  const changes = actions.filter((action) => action.state !== 'present');
  const lines = [style('strong', headline(changes.length, dryRun)), summaryOf(actions)];
  if (dryRun && changes.length > 0) lines.push(detailsOf(changes), ...spaceOf(result, style));
  lines.push(...findings.map((finding) => renderFinding(finding, style)));
  if (upgrade !== undefined) lines.push(formatUpgradeSteps(upgrade, commandFor));
  if (receipt !== undefined) lines.push(`receipt ${printable(receipt)}`);
  lines.push(...signatureLines(result, { style }), `root ${style('strong', root)}`);
  return lines.filter((line) => line !== '').join('\n');
}

function headline(changes: number, dryRun: boolean): string {
  if (changes === 0)
    return dryRun ? 'Would change nothing: everything is there' : 'Nothing to do: everything is there';
  return dryRun ? 'Would install' : 'Installed';
}

/** One line per target: the outcome of its actions, and the bytes transferred. */
function summaryOf(actions: readonly InstallAction[]): string {
  const targets = Map.groupBy(actions, (action) => action.target);
  const rows = [...targets].map(([target, own]) => {
    const outcomes = Map.groupBy(own, (action) => action.outcome);
    const counts = [...outcomes].map(([outcome, those]) => `${those.length} ${outcome}`);
    const bytes = own.reduce((sum, action) => sum + action.bytes, 0);
    return [target, counts.join(', '), formatBytes(bytes)];
  });
  return formatTable(rows, { indent: '  ', right: [2] });
}

function detailsOf(actions: readonly InstallAction[]): string {
  return formatTable(
    actions.map(({ kind, name, destination, bytes }) => [
      kind,
      printable(name),
      formatBytes(bytes),
      `-> ${printable(destination)}`,
    ]),
    { indent: '  ', right: [2] },
  );
}

function spaceOf({ space }: InstallResult, style: Style): string[] {
  return space.map(({ place, needed, free }) => {
    const room = free === undefined ? 'not known' : formatBytes(free);
    const verdict = free === undefined || free >= needed ? '' : ` ${style('error', '(not enough)')}`;
    return `space at ${printable(place)}: ${formatBytes(needed)} needed, ${room} free${verdict}`;
  });
}
