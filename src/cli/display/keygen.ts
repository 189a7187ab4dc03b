import type { KeygenResult } from '../../verbs/keygen.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { formatTable } from './table.ts';

/** Returns the keys that were made for people; the last line is the fingerprint. */
export function renderKeygen(result: KeygenResult, style: Style): string {
  const { privateKey, publicKey, fingerprint, encrypted } = result;
  return [
    style('good', 'Made a pair of keys'),
    formatTable(
      [
        [
          'private',
          printable(privateKey),
          encrypted ? 'signs; encrypted' : 'signs; not encrypted: keep it safe',
        ],
        ['public', printable(publicKey), 'for the hosts that verify'],
      ],
      { indent: '  ' },
    ),
    `key ${style('strong', fingerprint)}`,
  ].join('\n');
}
