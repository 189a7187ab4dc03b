import { parseRancherTag } from '../../products/rancher/tag.ts';
import { formatMinor } from '../../products/upgrade/numbers.ts';
import { upgradePath } from '../../products/upgrade/path.ts';
import { parseStart } from '../../products/upgrade/start.ts';
import type { SourceContext } from '../source.ts';
import { nothingToDo, noPath } from '../upgrade.ts';
import type { RancherPart } from './part.ts';
import { NEWEST_RELEASES } from './releases.ts';

/**
 * Returns the releases of Rancher that a part asks for, in order: the one that it names comes last, and those that an upgrade
 * from `from` passes through before it. An upgrade first goes to the newest patch of the minor that is running.
 *
 * @throws `ERR_VERSION_INVALID`, `ERR_UPSTREAM_NOT_FOUND` for an upgrade without a path
 */
export async function rancherReleases(
  { version, from }: Pick<RancherPart, 'version' | 'from'>,
  context: SourceContext,
): Promise<readonly string[]> {
  const tag = `v${version.replace(/^v/, '')}`;
  const start = from === undefined ? undefined : parseStart(from, parseRancherTag);
  const target = parseRancherTag(tag);
  if (start === undefined || target === undefined) return [tag];
  const newest = await context.ask(NEWEST_RELEASES, undefined);
  const steps = upgradePath(start, { targets: [target], offers: newest, startsAtNewestPatch: true });
  if ('kind' in steps) {
    const hint =
      newest.length === 0
        ? 'The list of releases is empty: "rancherReleases" under "upstreams" says where it is.'
        : `There are releases of ${newest.map(formatMinor).join(', ')}.`;
    throw noPath(steps, { product: 'Rancher', start, hint });
  }
  if (steps.length === 0) {
    context.warn(nothingToDo('Rancher', start));
    return [tag];
  }
  context.onUpgradePath?.({ product: 'Rancher', from: start.text, steps });
  return steps.map((step) => step.tag);
}
