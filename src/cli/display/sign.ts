import type { SignResult } from '../../verbs/sign.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';

/** Returns what was signed by which key for people; the last line is the root digest. */
export function renderSign({ root, path, signer, replaced }: SignResult, style: Style): string {
  return [
    `${style('good', 'Signed')} ${printable(path)}${replaced ? ', in place of an earlier signature' : ''}`,
    `key ${style('strong', signer)}`,
    `root ${style('strong', root)}`,
  ].join('\n');
}
