import type { Usage } from 'clipanion';
import type { BlobCount } from '../../bundle/inventory.ts';
import { isInRegistry } from '../../bundle/shape.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { formatBytes, formatCount, formatDuration } from '../../internal/format.ts';
import type { CheckProgress } from '../../bundle/check/check.ts';
import type { VerifyResult } from '../../verbs/verify.ts';
import { BaseCommand } from '../base-command.ts';
import { checkAdvance } from '../display/status/advance.ts';
import { printable } from '../display/printable.ts';
import { signatureLines } from '../display/signature.ts';
import type { Status } from '../display/status/status.ts';
import type { Style } from '../display/style.ts';
import { KEY_OPTION, KEYS_NEEDED_OPTION, trustOf } from '../options/key.ts';
import { BASE_OPTION } from '../options/base.ts';
import { argument, listOption, valueOption } from '../options/declare.ts';
import { CA_FILE_OPTION } from '../options/ca-file.ts';
import { REGISTRIES_OPTION } from '../options/registries.ts';
import { commandLine, optionWords, programHere } from '../next/command.ts';
import type { NextStep, Outcome } from '../outcome.ts';

/** `bundle verify BUNDLE` */
export class VerifyCommand extends BaseCommand {
  static override paths: string[][] = [['verify']];
  static override usage: Usage = {
    description: 'check every byte of a bundle',
    details: `
      Exits with status 3 and lists every problem if there are any. Where a key is given or trusted on this host, the
      signature is checked first: without a valid one, nothing else is read.
    `,
    examples: [
      ['Check a bundle on the stick', '$0 verify /media/stick/lab.tar'],
      ['Check a delta together with the bundle it requires', '$0 verify delta.tar --base lab.tar'],
      ['List what is damaged, for a patch', '$0 verify lab.tar --missing-to missing.json'],
    ],
  };

  bundle: string = argument('BUNDLE');
  key: string[] | undefined = listOption(...KEY_OPTION);
  keysNeeded: string | undefined = valueOption(...KEYS_NEEDED_OPTION);
  registries: string | undefined = valueOption(...REGISTRIES_OPTION);
  caFile: string | undefined = valueOption(...CA_FILE_OPTION);
  base: string[] | undefined = listOption(...BASE_OPTION);
  missingTo: string | undefined = valueOption(
    '--missing-to',
    'FILE',
    'write a list of what is damaged or missing, for "bundle build --only" to make a patch of it',
  );

  protected override async perform(status: Status): Promise<Outcome<VerifyResult>> {
    const { surroundings, verbs } = this.context;
    const { bundle: path, base: bases, missingTo, registries: registriesFile, caFile } = this;
    const { key, keysNeeded } = trustOf(this);
    const { verifyBundle } = await verbs.verify();
    status.stage('open', path, { brief: true });
    const ears = this.ears(status, (progress: CheckProgress) =>
      status.advance(checkAdvance('verify', progress)),
    );
    const wish = { path, key, keysNeeded, bases, missingTo, registriesFile, caFile };
    const result = await verifyBundle(wish, surroundings, ears);
    return {
      json: result,
      text: (style) => renderVerify(path, result, style),
      next: this.#next(result),
      failure: result.ok ? undefined : failureOf(path, result, missingTo),
    };
  }

  /** What made it trustworthy here is asked for again when it is installed. */
  #next({ patchOf }: VerifyResult): readonly NextStep[] {
    const program = programHere(this.context);
    const { bundle } = this;
    const trust = [...optionWords('--key', this.key), ...optionWords('--keys-needed', this.keysNeeded)];
    if (patchOf !== undefined) {
      const words = ['repair', 'BUNDLE', bundle, ...trust];
      return [{ text: 'repair the bundle that it is a patch of', command: commandLine(program, words) }];
    }
    const words = [
      'install',
      bundle,
      ...trust,
      ...optionWords('--base', this.base),
      ...optionWords('--registries', this.registries),
      ...optionWords('--ca-file', this.caFile),
    ];
    return [{ text: 'install it, where it is needed', command: commandLine(program, words) }];
  }
}

/** A bundle may be whole, and the kit beside it not. */
function failureOf(path: string, result: VerifyResult, list: string | undefined): SaddlebagError {
  const { kit } = result;
  const ofKit = kit?.problems.length ?? 0;
  if (kit === undefined || ofKit < countOf(result)) return damaged(path, result, list);
  return new SaddlebagError(
    'ERR_KIT_DAMAGED',
    `Cannot trust the kit in ${JSON.stringify(kit.path)}: ${formatCount(ofKit, 'problem')} found, none in the bundle`,
    { hint: 'Copy the kit again, or make it again with "bundle kit".' },
  );
}

function damaged(path: string, result: VerifyResult, list: string | undefined): SaddlebagError {
  const { parity } = result;
  return new SaddlebagError(
    'ERR_BUNDLE_DAMAGED',
    `Cannot trust bundle ${JSON.stringify(path)}: ${formatCount(countOf(result), 'problem')} found`,
    {
      hint:
        list === undefined
          ? parity === undefined
            ? again(path)
            : `Run "bundle repair ${path}": the parity file ${JSON.stringify(parity.path)} is beside it.`
          : `Have a patch built with "bundle build SPEC --locked --only ${list}", and repair the bundle with "bundle repair".`,
    },
  );
}

function again(path: string): string {
  return isInRegistry(path)
    ? 'Push the bundle again with "bundle push --verify": what the registry has lost or damaged is sent once more.'
    : 'Copy the bundle again, to another medium if it happens twice.';
}

/** Returns the result of a verification as text; the last line is the root digest. */
function renderVerify(path: string, result: VerifyResult, style: Style): string {
  return [
    ...(result.ok ? soundLines(path, result, style) : damageLines(path, result, style)),
    ...deltaLines(result, style),
    ...signatureLines(result, { style }),
    `root ${style('strong', result.root)}`,
  ].join('\n');
}

function soundLines(path: string, result: VerifyResult, style: Style): string[] {
  const { bytes, seconds } = result;
  const rate = `${formatBytes(bytes)} in ${formatDuration(seconds)}`;
  const { kit } = result;
  return [
    `${style('good', 'Verified')} ${printable(path)}: ${rate}`,
    ...(kit === undefined ? [] : [`and the kit beside it: ${formatCount(kit.files, 'file')}`]),
  ];
}

function countOf({ problems, problemCount = problems.length }: VerifyResult): number {
  return problemCount;
}

/** A problem's message names its subject. */
function damageLines(path: string, result: VerifyResult, style: Style): string[] {
  return [
    `${style('error', 'Damaged')} ${printable(path)}: ${formatCount(countOf(result), 'problem')}`,
    ...result.problems.flatMap((problem) => [
      `  - ${printable(problem.message)} ${style('quiet', `[${problem.code}]`)}`,
      ...('hint' in problem && problem.hint !== undefined
        ? [`    ${style('strong', 'hint:')} ${printable(problem.hint)}`]
        : []),
    ]),
  ];
}

/** What a delta requires, what the bases supplied, and where the list of missing content was written. */
function deltaLines({ requires = [], madeGood = 0, missing }: VerifyResult, style: Style): string[] {
  return [
    ...requires.map(
      (base) => `a delta: requires ${describe(base)} of ${printable(base.name)} ${style('quiet', base.root)}`,
    ),
    ...(madeGood === 0
      ? []
      : [`${style('warning', 'made good')} by --base: ${formatCount(madeGood, 'problem')}`]),
    ...(missing === undefined
      ? []
      : [
          `wrote what is missing to ${printable(missing.path)}: ${describe(missing)}, ${formatCount(missing.files, 'file')} of the head`,
        ]),
  ];
}

function describe({ blobs, bytes }: BlobCount): string {
  return `${formatCount(blobs, 'blob')} (${formatBytes(bytes)})`;
}
