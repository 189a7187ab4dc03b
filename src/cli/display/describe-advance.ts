import { formatBytes, formatCount, formatDuration } from '../../internal/format.ts';
import type { Advance } from './status.ts';

/** Returns the progress of a stage in one line: `Fetching 12 of 40 blobs, 1.2 GiB of 4.0 GiB (30 %), 85.3 MiB/s, 33 s left`. */
export function describeAdvance(advance: Advance, bytesPerSecond: number | undefined): string {
  const { stage, count, bytes, totalBytes } = advance;
  const percent = totalBytes === 0 ? 100 : Math.floor((bytes * 100) / totalBytes);
  const size = `${formatBytes(bytes)} of ${formatBytes(totalBytes)} (${percent} %)`;
  const parts =
    count === undefined
      ? [`${stage} ${size}`]
      : [
          `${stage} ${count.done} of ${formatCount(count.total, count.unit)}`,
          ...(totalBytes === 0 ? [] : [size]),
        ];
  if (bytesPerSecond !== undefined && bytesPerSecond >= 1 && bytes < totalBytes) {
    parts.push(`${formatBytes(Math.round(bytesPerSecond))}/s`);
    parts.push(`${formatDuration((totalBytes - bytes) / bytesPerSecond)} left`);
  }
  return parts.join(', ');
}
