import semver from 'semver';
import type { PlannedItem } from '../../bundle/format/item.ts';
import { formatCount } from '../../internal/format.ts';
import { uniqueBy } from '../../internal/order.ts';
import type { Digest } from '../../oci/digest.ts';
import type { SourceContext } from '../source.ts';
import type { Release } from './release.ts';

/** From here on clusters run no release image without one, and from there no component (openshift/cluster-update-keys). */
const [RELEASE_SINCE, COMPONENTS_SINCE] = ['4.21.0-0', '4.22.0-0'];

/** Says how many images of each release have a sigstore signature, and warns of those that a cluster will want. */
export function reviewSigstore(
  releases: readonly Release[],
  items: readonly PlannedItem[],
  { warn }: Pick<SourceContext, 'warn'>,
): void {
  const signed = new Set<Digest>(
    items.flatMap(({ item }) => (item.kind === 'signature' ? [item.subject] : [])),
  );
  for (const { version, reference, children, components } of releases) {
    const parts = uniqueBy(components, (component) => component.reference.digest);
    const lacking = parts.filter((component) => !signed.has(component.reference.digest));
    const isSigned = [reference.digest, ...children].some((digest) => signed.has(digest));
    warn({
      level: 'ok',
      message: `OpenShift ${version}: ${isSigned ? 'the release image has' : 'the release image lacks'} a sigstore signature, and ${parts.length - lacking.length} of its ${formatCount(parts.length, 'component')} have one`,
    });
    if (!isSigned && reaches(version, RELEASE_SINCE))
      warn({
        level: 'warning',
        message: `The image of OpenShift ${version} has no sigstore signature at "${reference.registry}/${reference.repository}"`,
        hint: 'Clusters from 4.21 on start no release without one: take the release from quay.io or from a mirror that has its signatures, with "signatures" on.',
      });
    if (lacking.length > 0 && reaches(version, COMPONENTS_SINCE))
      warn({
        level: 'warning',
        message: `${formatCount(lacking.length, 'component')} of OpenShift ${version} have no sigstore signature: ${lacking
          .slice(0, 5)
          .map(({ name }) => name)
          .join(', ')}${lacking.length > 5 ? ' …' : ''}`,
        hint: 'Clusters from 4.22 on run no component without one.',
      });
  }
}

function reaches(version: string, since: string): boolean {
  return semver.valid(version) !== null && semver.gte(version, since);
}
