import type { OpenBundle } from '../../bundle/bundle.ts';
import type { FileItem, Item } from '../../bundle/format/item.ts';
import { isSaddlebagError } from '../../internal/error.ts';
import type { Finding } from '../../internal/finding.ts';
import { formatCount } from '../../internal/format.ts';
import { MANIFESTS_ITEM } from '../../products/kubernetes/manifests-item.ts';
import type { WaitOptions } from '../../oci/roles.ts';

/** Names that are shown: a chart may have hundreds. */
const SHOWN = 10;

/**
 * Warns of images that the charts and manifests in a bundle ask for and that it does not bring. A chart counts as the build
 * found its images, without those for Windows alone.
 */
export async function missingOfCarried(
  bundle: OpenBundle,
  { signal }: WaitOptions = {},
): Promise<readonly Finding[]> {
  const { items } = bundle.document;
  const carried = items.filter(
    (item): item is FileItem =>
      item.kind === 'chart' || (item.kind === 'file' && item.name === MANIFESTS_ITEM),
  );
  if (carried.length === 0) return [];
  // Reading charts takes code that a bundle of images does without.
  const { missingOf } = await import('./carried-names.ts');
  const findings: Finding[] = [];
  for (const item of carried) {
    const missing = await missingOf(item, bundle, { signal }).catch(noneIfUnread);
    if (missing.length === 0) continue;
    const more = missing.length > SHOWN ? ` and ${missing.length - SHOWN} more` : '';
    findings.push({
      level: 'warning',
      message: `${formatCount(missing.length, 'image')} that ${titleOf(item)} asks for ${missing.length === 1 ? 'is' : 'are'} not in the bundle: ${missing.slice(0, SHOWN).join(', ')}${more}`,
      hint: 'See what else has them with "bundle check --registry", and bring the rest before it is started.',
    });
  }
  return findings;
}

/** A warning is no reason to fail: the bundle was verified, and the build could read what it holds. */
function noneIfUnread(error: unknown): readonly string[] {
  if (isSaddlebagError(error) && error.code !== 'ERR_INTERRUPTED') return [];
  throw error;
}

function titleOf({ kind, name }: Item): string {
  return kind === 'chart' ? `chart "${name}"` : 'a manifest';
}
