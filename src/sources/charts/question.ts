import { redactUrl } from '../../internal/http/redact.ts';
import { lockedUrl } from '../../spec/lock/url.ts';
import type { ChartQuestion } from '../questions.ts';

/** Returns the name that a chart has in a lock, with no credential in it. */
export function chartKey(wanted: ChartQuestion): string {
  if ('path' in wanted) return wanted.path;
  return `${lockedUrl(wanted.repository)} ${wanted.name} ${wanted.version}`;
}

/** Returns what to call a chart in messages. */
export function chartTitle(wanted: ChartQuestion): string {
  if ('path' in wanted) return `chart "${wanted.path}"`;
  return `chart "${wanted.name}" ${wanted.version} of "${redactUrl(wanted.repository)}"`;
}
