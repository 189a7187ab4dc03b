import type { Finding } from '../../internal/finding.ts';
import { printable } from './printable.ts';
import type { Emphasis, Style } from './style.ts';

const EMPHASIS: Readonly<Record<Finding['level'], Emphasis>> = {
  ok: 'good',
  warning: 'warning',
  error: 'error',
};

/** Returns a finding as text, without a trailing newline: `warning: …`, with its hint on a separate line. */
export function renderFinding(finding: Finding, style: Style): string {
  const line = `${style(EMPHASIS[finding.level], `${finding.level}:`)} ${printable(finding.message)}`;
  return finding.hint === undefined
    ? line
    : `${line}\n${style('strong', 'hint:')} ${printable(finding.hint)}`;
}
