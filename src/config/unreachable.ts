import type { Finding } from '../internal/finding.ts';
import { formatCount } from '../internal/format.ts';
import { parseReference } from '../oci/reference.ts';
import { askedFor, type Mirror, mirrorOf, type MovedMirror, movedMirrorOf } from './mirror.ts';
import type { Site } from './site.ts';

/** How many names to show of a list that may have hundreds. */
const SHOWN = 5;

/** Returns a warning when images are at the registry, but not where a node with this configuration requests them. */
export function unreachableImages(
  images: readonly string[],
  site: Site,
  client: { readonly name: string; readonly canRename: boolean },
): readonly Finding[] {
  const mirrors = new Map(
    site.sources.map((source) => [
      source,
      (client.canRename ? movedMirrorOf(source, site) : undefined) ?? mirrorOf(source, site),
    ]),
  );
  const lost = images.filter((image) => {
    const { registry, repository } = parseReference(image);
    const mirror = mirrors.get(registry);
    return mirror !== undefined && asked(mirror, repository, client) !== site.repositoryOf(image);
  });
  if (lost.length === 0) return [];
  const names = lost.slice(0, SHOWN).join(', ');
  const more = lost.length > SHOWN ? ` and ${lost.length - SHOWN} more` : '';
  return [
    {
      level: 'warning',
      message: `${client.name} cannot find ${formatCount(lost.length, 'image')} by their original names: ${names}${more}`,
      hint: `Name it as the registry does, such as "${site.host}/${site.repositoryOf(lost[0] ?? '')}", or install with --naming full.`,
    },
  ];
}

function asked(
  mirror: Mirror | MovedMirror,
  repository: string,
  client: { readonly canRename: boolean },
): string {
  if (!('moved' in mirror)) return askedFor(mirror, repository, client);
  return mirror.moved.get(repository) ?? repository;
}
