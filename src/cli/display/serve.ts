import { formatBytes, formatCount, formatDuration } from '../../internal/format.ts';
import type { ServeResult, Serving } from '../../verbs/serve.ts';

/** Returns what is being served and where, in a line. */
export function renderServing({ url, bundles, items }: Serving): string {
  return `Serving ${formatCount(items, 'item')} of ${formatCount(bundles, 'bundle')} at ${url}`;
}

/** Returns what was served, in a line. */
export function renderServe({ requests, bytes, seconds }: ServeResult): string {
  const counts = `${formatCount(requests, 'request')}, ${formatBytes(bytes)}`;
  return `Served ${counts} in ${formatDuration(seconds)}`;
}
