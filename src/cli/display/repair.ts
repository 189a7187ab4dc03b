import { formatBytes, formatCount, formatDuration } from '../../internal/format.ts';
import type { RepairResult } from '../../verbs/repair.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';

/** Returns the result of a repair for people; its last line is the root digest. */
export function renderRepair(result: RepairResult, style: Style): string {
  const { path, root, files, mended, writtenBytes, seconds } = result;
  const parts = [
    ...(mended.blobs === 0 ? [] : [formatCount(mended.blobs, 'blob')]),
    ...(files.length === 0 ? [] : [files.join(', ')]),
  ];
  const took = `${formatBytes(writtenBytes)} written in ${formatDuration(seconds)}`;
  const headline =
    writtenBytes === 0
      ? `${style('good', 'Sound')} ${printable(path)}: there was nothing to mend`
      : `${style('good', 'Mended')} ${printable(path)}: ${parts.length === 0 ? 'its frame' : parts.join(', ')}, ${took}`;
  return [headline, `root ${style('strong', root)}`].join('\n');
}
