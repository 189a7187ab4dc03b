import type { ConvertResult } from '../../verbs/convert.ts';
import { formatBytes, formatCount, formatDuration } from '../../internal/format.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { formatTable } from './table.ts';

/** Returns the result of a conversion for people; its last line is the root digest. */
export function renderConvert(result: ConvertResult, style: Style): string {
  const { root, path, form, bytes, items, blobs, seconds } = result;
  return [
    `${style('good', 'Converted')} to ${printable(path)}`,
    formatTable(
      [
        ['form', form],
        ['holds', `${formatCount(items, 'item')} in ${formatCount(blobs, 'blob')}, ${formatBytes(bytes)}`],
        ['took', formatDuration(seconds)],
      ],
      { indent: '  ' },
    ),
    `root ${style('strong', root)}`,
  ].join('\n');
}
