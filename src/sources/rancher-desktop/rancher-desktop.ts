import semver from 'semver';
import { SaddlebagError } from '../../internal/error.ts';
import { compareText } from '../../internal/order.ts';
import { formatPlatform, parsePlatform } from '../../oci/platform.ts';
import type { RancherDesktopPart } from './part.ts';
import { coveringMinors } from '../../products/kubectl/covering-clients.ts';
import type { K3sArchitecture } from '../../products/k3s/architecture.ts';
import {
  DESKTOP_PLATFORMS,
  desktopArchitecture,
  desktopClients as clientPlatforms,
} from '../../products/rancher-desktop/platform.ts';
import type { Catalogue } from '../distribution/catalogue.ts';
import type { K3sRequest } from '../k3s/release.ts';
import { compareTags, type ReleaseTag } from '../../products/distribution/tag.ts';
import { parseK3sTag } from '../../products/k3s/tag.ts';
import type { KubectlRequest } from '../kubectl/kubectl.ts';
import { newestPatch } from '../kubectl/release.ts';
import type { SourceContext } from '../source.ts';

/** Requirements shared by all desktops of a spec. */
export interface DesktopNeeds {
  readonly architectures: readonly K3sArchitecture[];
  /** `os/architecture` of the clients. */
  readonly clients: readonly string[];
  /** Whether to add `.tar`: Rancher Desktop before 1.7 reads nothing else. */
  readonly tar: boolean;
  /** `ERR_PLATFORM_INVALID` for each platform that Rancher Desktop does not run on. */
  readonly problems: readonly SaddlebagError[];
}

/** Returns the K3s architectures and the clients that the desktops use. */
export function desktopNeeds(part: RancherDesktopPart): DesktopNeeds {
  const problems: SaddlebagError[] = [];
  const architectures = new Set<K3sArchitecture>();
  const clients = new Set<string>();
  for (const text of part.platforms) {
    try {
      const desktop = parsePlatform(text);
      const architecture = desktopArchitecture(desktop);
      if (architecture === undefined || !DESKTOP_PLATFORMS.includes(formatPlatform(desktop)))
        throw noDesktop(formatPlatform(desktop));
      architectures.add(architecture);
      for (const client of clientPlatforms(desktop) ?? []) clients.add(client);
    } catch (error) {
      if (!(error instanceof SaddlebagError)) throw error;
      problems.push(error);
    }
  }
  const oldest = semver.coerce(part.minimumRelease ?? '');
  return {
    architectures: [...architectures].sort(compareText),
    clients: [...clients].sort(compareText),
    tar: oldest !== null && semver.lt(oldest, '1.7.0'),
    problems,
  };
}

/** Returns the K3s files that the desktops need. */
export function desktopRequests(tags: readonly ReleaseTag[], needs: DesktopNeeds): readonly K3sRequest[] {
  return tags.flatMap((tag) =>
    needs.architectures.map((architecture) => ({
      tag,
      architecture,
      audience: 'rancher-desktop' as const,
      tar: needs.tar,
    })),
  );
}

/** Returns the clients that the desktops need: one for each version, or the fewest that cover all of them. */
export async function desktopClients(
  tags: readonly ReleaseTag[],
  options: {
    readonly needs: DesktopNeeds;
    readonly kubectl: RancherDesktopPart['kubectl'];
    readonly catalogue: Catalogue;
  },
  context: SourceContext,
): Promise<readonly KubectlRequest[]> {
  const versions =
    options.kubectl === 'minimal'
      ? await fewestClients(tags, options.catalogue, context)
      : tags.map(({ kubernetes }) => kubernetes);
  return versions.flatMap((version) => options.needs.clients.map((platform) => ({ version, platform })));
}

/** A chosen version is the best client for its own minor; any other minor gets its newest release. */
async function fewestClients(
  tags: readonly ReleaseTag[],
  catalogue: Catalogue,
  context: SourceContext,
): Promise<readonly string[]> {
  const known = catalogue.releases.flatMap(({ tag }) => parseK3sTag(tag) ?? []);
  const clients = new Map([
    ...newestByMinor(known.filter(({ prerelease }) => !prerelease)),
    ...newestByMinor(tags),
  ]);
  for (const { minor } of tags) {
    // A new Kubernetes minor comes out before K3s follows it.
    const next = clients.has(minor + 1) ? undefined : await newestPatch(minor + 1, context);
    if (next !== undefined) clients.set(minor + 1, next);
  }
  const minors = coveringMinors(
    tags.map(({ minor }) => minor),
    (minor) => clients.has(minor),
  );
  return minors.flatMap((minor) => clients.get(minor) ?? []);
}

function newestByMinor(tags: readonly ReleaseTag[]): readonly [number, string][] {
  return [...tags].sort(compareTags).map(({ minor, kubernetes }) => [minor, kubernetes]);
}

function noDesktop(desktop: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_PLATFORM_INVALID',
    `Cannot serve Rancher Desktop on "${desktop}": it does not run there`,
    {
      hint: `It runs on ${DESKTOP_PLATFORMS.join(', ')}; Windows on ARM uses windows/amd64.`,
    },
  );
}
