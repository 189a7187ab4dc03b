import { parseReference } from '../oci/reference.ts';
import { originOf, type Site } from './site.ts';

/** Where to find the images of one source at the registry under their original names. */
export interface Mirror {
  /** Host as it appears in references. */
  readonly source: string;
  /** `https://host`, or `https://host/v2/path` when the images are under a path. */
  readonly endpoint: string;
  /** Path in front of all repositories of the source; empty for none. */
  readonly root: string;
  /** A namespace that was renamed at the registry. Only K3s can map it. */
  readonly rename?: { readonly from: string; readonly to: string } | undefined;
}

/** Where K3s, which can map single repositories, finds those that were renamed at the registry. */
export interface MovedMirror {
  readonly source: string;
  /** The path at the registry of each known repository of the source. */
  readonly moved: ReadonlyMap<string, string>;
}

const SAMPLE = 'namespace/name';
const OFFICIAL = 'library/';

/** Returns the mirror for a source. It is derived from where the naming puts a sample, so the two cannot disagree. */
export function mirrorOf(source: string, site: Site): Mirror {
  const root = pathBefore(site.repositoryOf(`${source}/${SAMPLE}`), SAMPLE);
  const endpoint = root === '' ? originOf(site) : `${originOf(site)}/v2/${root}`;
  const rename = source === 'docker.io' ? officialName(root, site) : undefined;
  return { source, endpoint, root, rename };
}

/**
 * Returns where the images of a source are when some are not where its mirror expects them, as after `--rewrite`; `undefined`
 * when none was moved.
 */
export function movedMirrorOf(source: string, site: Site): MovedMirror | undefined {
  const mirror = mirrorOf(source, site);
  const places = placesOf(source, site);
  if (places.every(([repository, place]) => askedFor(mirror, repository, { canRename: true }) === place))
    return undefined;
  return { source, moved: new Map(places) };
}

/** Returns where the repositories of a source are; if one is in several places, picks one. */
function placesOf(source: string, site: Site): readonly (readonly [string, string])[] {
  const known = (site.images ?? []).flatMap((image) => {
    const { registry, repository } = parseReference(image);
    return registry === source ? [[repository, site.repositoryOf(image)] as const] : [];
  });
  return [...new Map(known)];
}

/** Docker Hub's images without a namespace are in `library`; Rancher looks for them in `rancher`. */
function officialName(root: string, site: Site): Mirror['rename'] {
  const whole = site.repositoryOf(`docker.io/${OFFICIAL}name`);
  const path = root === '' ? whole : whole.slice(root.length + 1);
  const to = path.slice(0, -'name'.length);
  return to === OFFICIAL ? undefined : { from: OFFICIAL, to };
}

/**
 * Returns the repository that a node requests from the registry for `repository` of the mirror's source. `canRename` is
 * false for clients that support no rewrites.
 */
export function askedFor(
  mirror: Mirror,
  repository: string,
  options: { readonly canRename: boolean },
): string {
  const { root, rename } = mirror;
  const isRenamed = options.canRename && rename !== undefined && repository.startsWith(rename.from);
  const name = isRenamed ? `${rename.to}${repository.slice(rename.from.length)}` : repository;
  return root === '' ? name : `${root}/${name}`;
}

function pathBefore(whole: string, end: string): string {
  return whole.slice(0, -end.length).replace(/\/$/, '');
}
