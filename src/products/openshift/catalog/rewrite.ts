import { isRecord } from '../../../internal/json.ts';
import type { SelectedPackage } from './select.ts';

/**
 * Returns a document as the filtered catalog has it: a channel with the kept entries, a package with its default channel.
 * `undefined` when nothing is left of it.
 */
export function rewritten(document: unknown, selected: SelectedPackage): Record<string, unknown> | undefined {
  if (!isRecord(document)) return undefined;
  const entries: readonly unknown[] = Array.isArray(document['entries']) ? document['entries'] : [];
  switch (document['schema']) {
    case 'olm.package':
      return { ...document, defaultChannel: selected.defaultChannel };
    case 'olm.channel': {
      const kept = selected.channels.get(String(document['name']));
      return withEntries(
        document,
        entries.filter((entry) => isRecord(entry) && kept?.has(String(entry['name'])) === true),
      );
    }
    case 'olm.deprecations':
      return withEntries(
        document,
        entries.filter((entry) => isMeant(entry, selected)),
      );
    default:
      return document;
  }
}

function withEntries(
  document: Record<string, unknown>,
  entries: readonly unknown[],
): Record<string, unknown> | undefined {
  return entries.length === 0 ? undefined : { ...document, entries };
}

/** A deprecation refers to the package, a channel or a bundle (operator-registry, `alpha/declcfg/declcfg.go`). */
function isMeant(entry: unknown, { channels, bundles }: SelectedPackage): boolean {
  const reference = isRecord(entry) ? entry['reference'] : undefined;
  if (!isRecord(reference)) return true;
  const name = String(reference['name']);
  if (reference['schema'] === 'olm.bundle') return bundles.has(name);
  return reference['schema'] !== 'olm.channel' || channels.has(name);
}
