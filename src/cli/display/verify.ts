import type { BlobCount } from '../../bundle/diff.ts';
import { formatBytes, formatCount, formatDuration } from '../../internal/format.ts';
import type { VerifyResult } from '../../verbs/verify.ts';
import { printable } from './printable.ts';
import { signatureLines } from './signature.ts';
import type { Style } from './style.ts';

/** Returns the result of a verification for people; its last line is the root digest. */
export function renderVerify(path: string, result: VerifyResult, style: Style): string {
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
  return [`${style('good', 'Verified')} ${printable(path)}: ${rate}`];
}

/** The message of a problem names what it is about. */
function damageLines(path: string, { problems }: VerifyResult, style: Style): string[] {
  return [
    `${style('error', 'Damaged')} ${printable(path)}: ${formatCount(problems.length, 'problem')}`,
    ...problems.flatMap(({ code, message, hint }) => [
      `  - ${printable(message)} ${style('quiet', `[${code}]`)}`,
      ...(hint === undefined ? [] : [`    ${style('strong', 'hint:')} ${printable(hint)}`]),
    ]),
  ];
}

/** What a delta counts on, what bases made good, and where the list of what is missing went. */
function deltaLines({ requires, madeGood = 0, missing }: VerifyResult, style: Style): string[] {
  return [
    ...(requires === undefined
      ? []
      : [
          `a delta: counts on ${describe(requires)} of ${printable(requires.name)} ${style('quiet', requires.root)}`,
        ]),
    ...(madeGood === 0
      ? []
      : [
          `${style('warning', 'made good')} by what is given with --base: ${formatCount(madeGood, 'problem')}`,
        ]),
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
