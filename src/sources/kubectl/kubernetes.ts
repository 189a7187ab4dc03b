import type { PlannedItem } from '../../bundle/format/item.ts';
import type { SaddlebagError } from '../../internal/error.ts';
import type { Finding } from '../../internal/finding.ts';
import { collectProblems } from '../../internal/problems.ts';
import { formatPlatform, parsePlatform } from '../../oci/platform.ts';
import type { K3sPart, KubectlPart, RancherDesktopPart } from '../../spec/schema.ts';
import { planVersionsItem, warnOfVersions } from '../rancher-desktop/versions.ts';
import type { K3sArchitecture } from '../../products/k3s/architecture.ts';
import { VERSION_LIST } from '../../products/rancher-desktop/version-list.ts';
import type { K3sCatalogue } from '../k3s/catalogue.ts';
import { type K3sRequest, resolveK3sReleases } from '../k3s/release.ts';
import { exactTag, type Selection, selectVersions, type WantedVersions } from '../k3s/selection.ts';
import { compareK3sTags, type K3sTag } from '../../products/k3s/tag.ts';
import { type KubectlRequest, resolveKubectl } from './kubectl.ts';
import {
  desktopClients,
  type DesktopNeeds,
  desktopNeeds,
  desktopRequests,
} from '../rancher-desktop/rancher-desktop.ts';
import type { SourceContext } from '../source.ts';

/** The parts of a spec that choose versions of Kubernetes. */
export interface KubernetesPart {
  readonly rancherDesktop?: RancherDesktopPart | undefined;
  readonly k3s?: K3sPart | undefined;
  readonly kubectl?: KubectlPart | undefined;
  /** Whether the images of the spec bring what Rancher Desktop starts pods with. */
  readonly carriesPauseImage: boolean;
}

/** A version of Kubernetes itself: kubectl has no builds. */
const RELEASE = /^v?(\d+\.\d+\.\d+)$/;
const NOTHING: K3sCatalogue = { releases: [], channels: new Map() };

/**
 * Turns `rancherDesktop`, `k3s` and `kubectl` into items. They share one choice of versions, and files that two of them
 * want are in one item.
 *
 * @throws `ProblemsError` with everything that cannot be had
 */
export async function resolveKubernetes(
  part: KubernetesPart,
  context: SourceContext,
): Promise<readonly PlannedItem[]> {
  const desktop = part.rancherDesktop;
  const needs = desktop === undefined ? undefined : desktopNeeds(desktop);
  const { selection, catalogue } = await select(part, needs, context);
  const desktopTags = tagsOf(desktop?.versions, selection);
  const requests = [
    ...nodeRequests(part.k3s, selection),
    ...(needs ? desktopRequests(desktopTags, needs) : []),
  ];
  const versions = needs && planVersionsItem(catalogue, desktopTags, needs.architectures);
  const tasks = [
    resolveK3sReleases(requests, context),
    resolveClients(part, { needs, desktopTags, selection, catalogue }, context),
    ...[...selection.problems, ...(needs?.problems ?? [])].map((problem) =>
      Promise.reject<readonly PlannedItem[]>(problem),
    ),
  ];
  if (versions !== undefined) {
    const warned = warnOfVersions(desktopTags, { ...context, carriesPauseImage: part.carriesPauseImage });
    tasks.push(warned.then(() => [versions]));
  }
  const items = await collectProblems(tasks, {
    code: 'ERR_RESOLVE_FAILED',
    message: () => 'Cannot resolve the Kubernetes versions of the spec',
  });
  return items.flat();
}

/** The list of releases is asked for only when it is needed: exact tags are as good without it, and GitHub counts. */
async function select(
  part: KubernetesPart,
  needs: DesktopNeeds | undefined,
  context: SourceContext,
): Promise<{ readonly selection: Selection; readonly catalogue: K3sCatalogue }> {
  const clientWords = (part.kubectl?.versions ?? []).filter((word) => !RELEASE.test(word) && !exactTag(word));
  const wanted = wantedVersions([
    { versions: part.rancherDesktop?.versions, architectures: needs?.architectures },
    { versions: part.k3s?.versions, architectures: part.k3s?.architectures },
    // For a client, any release will do.
    { versions: clientWords },
  ]);
  const words = [...wanted.keys()];
  if (needs === undefined && words.every((word) => exactTag(word))) {
    const exact = words.flatMap((word): [string, K3sTag][] => {
      const tag = exactTag(word);
      return tag === undefined ? [] : [[word, tag]];
    });
    return { selection: { tags: new Map(exact), problems: [] }, catalogue: NOTHING };
  }
  const catalogue = await context.catalogue();
  if (needs !== undefined && catalogue.channelFault !== undefined)
    context.warn(withoutLabels(catalogue.channelFault));
  return { selection: selectVersions(wanted, catalogue), catalogue };
}

/** A word that several parts have is one choice, which serves all of them. */
function wantedVersions(
  parts: readonly {
    readonly versions?: readonly string[] | undefined;
    readonly architectures?: readonly K3sArchitecture[] | undefined;
  }[],
): WantedVersions {
  const wanted = new Map<string, Set<K3sArchitecture>>();
  for (const { versions = [], architectures = [] } of parts) {
    for (const word of versions) wanted.set(word, new Set([...(wanted.get(word) ?? []), ...architectures]));
  }
  return wanted;
}

function withoutLabels({ message }: SaddlebagError): Finding {
  return {
    level: 'warning',
    message: `The channels of K3s are not to be had, so "${VERSION_LIST}" goes without labels: ${message}`,
    hint: 'Rancher Desktop does without them; build again later to have them.',
  };
}

function nodeRequests(part: K3sPart | undefined, selection: Selection): readonly K3sRequest[] {
  return tagsOf(part?.versions, selection).flatMap((tag) =>
    (part?.architectures ?? []).map((architecture) => ({ tag, architecture, audience: 'k3s-node' as const })),
  );
}

async function resolveClients(
  part: KubernetesPart,
  chosen: {
    readonly needs: DesktopNeeds | undefined;
    readonly desktopTags: readonly K3sTag[];
    readonly selection: Selection;
    readonly catalogue: K3sCatalogue;
  },
  context: SourceContext,
): Promise<readonly PlannedItem[]> {
  const { needs, desktopTags, selection, catalogue } = chosen;
  const kubectl = part.rancherDesktop?.kubectl ?? 'per-version';
  const forDesktops =
    needs === undefined ? [] : await desktopClients(desktopTags, { needs, kubectl, catalogue }, context);
  return await resolveKubectl([...forDesktops, ...ownClients(part.kubectl, selection)], context);
}

function ownClients(part: KubectlPart | undefined, selection: Selection): readonly KubectlRequest[] {
  if (part === undefined) return [];
  const platforms = part.platforms.map((platform) => clientPlatform(platform));
  return part.versions.flatMap((word) => {
    const version = RELEASE.exec(word)?.[1] ?? (exactTag(word) ?? selection.tags.get(word))?.kubernetes;
    return version === undefined ? [] : platforms.map((platform) => ({ version, platform }));
  });
}

/** kubectl has no variants. */
function clientPlatform(text: string): string {
  const { os, architecture } = parsePlatform(text);
  return formatPlatform({ os, architecture });
}

function tagsOf(words: readonly string[] | undefined, selection: Selection): readonly K3sTag[] {
  const tags = new Map(
    (words ?? []).flatMap((word) => {
      const tag = selection.tags.get(word);
      return tag === undefined ? [] : [[tag.tag, tag]];
    }),
  );
  return [...tags.values()].sort(compareK3sTags);
}
