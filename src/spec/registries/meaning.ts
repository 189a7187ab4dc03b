import { isRecord } from '../../internal/json.ts';
import { configNotes } from './configs.ts';
import { endpointNotes } from './endpoints.ts';
import type { Note } from './note.ts';
import { rewriteNotes } from './rewrites.ts';

/**
 * Returns what K3s would ignore, refuse or misread in a `registries.yaml` even if its schema accepts it (rancher/wharfie,
 * `pkg/registries`). Skips parts of a wrong type, which the schema reports.
 */
export function meaningOf(value: unknown): readonly Note[] {
  const root = isRecord(value) ? value : {};
  const mirrors = entriesOf(root['mirrors']);
  const configs = entriesOf(root['configs']);
  return [...endpointNotes(mirrors), ...rewriteNotes(mirrors), ...configNotes(configs, mirrors)];
}

function entriesOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}
