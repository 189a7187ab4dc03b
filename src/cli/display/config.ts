import type { RegistriesReport } from '../../steps/check-registries.ts';
import type { ConfigResult } from '../../verbs/config.ts';
import { printable } from './printable.ts';
import { renderFinding } from './finding.ts';
import type { Style } from './style.ts';

/**
 * Returns the files as they are, without the last line feed, for a single one is piped where it belongs; several are kept
 * apart by an empty line, and each names itself in its first comment. Of written files, returns the paths.
 */
export function renderConfigFiles({ files, written }: ConfigResult, style: Style): string {
  if (written !== undefined)
    return written.map((path) => `${style('good', 'Wrote')} ${printable(path)}`).join('\n');
  return files.map(({ text }) => text.replace(/\n$/, '')).join('\n\n');
}

/** Returns what K3s makes of a `registries.yaml`, a finding a line; every message ends with its place. */
export function renderRegistriesReport({ path, ok, findings }: RegistriesReport, style: Style): string {
  const verdict = ok
    ? `${style('good', 'K3s reads')} ${printable(path)}`
    : `${style('error', 'K3s would not do')} what ${printable(path)} says`;
  return [verdict, ...findings.map((finding) => renderFinding(finding, style))].join('\n');
}
