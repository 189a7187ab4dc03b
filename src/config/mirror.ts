import { originOf, type Site } from './site.ts';

/** How the images of one source are found at the registry under their original names. */
export interface Mirror {
  /** Host as in the references. */
  readonly source: string;
  /** `https://host`, or `https://host/v2/path` where the images are under a path. */
  readonly endpoint: string;
  /** What all repositories of the source are under; empty for nothing. */
  readonly root: string;
  /** A namespace that has another name at the registry. Only K3s can be told of it. */
  readonly rename?: { readonly from: string; readonly to: string };
}

const SAMPLE = 'namespace/name';
const OFFICIAL = 'library/';

/**
 * Returns the mirror for a source. It is read off the naming itself, from where that puts a sample, so the two cannot
 * disagree.
 */
export function mirrorOf(source: string, site: Site): Mirror {
  const root = pathBefore(site.repositoryOf(`${source}/${SAMPLE}`), SAMPLE);
  const endpoint = root === '' ? originOf(site) : `${originOf(site)}/v2/${root}`;
  const rename = source === 'docker.io' ? officialName(root, site) : undefined;
  return { source, endpoint, root, ...(rename === undefined ? {} : { rename }) };
}

/** Docker Hub's images without a namespace are in `library`; Rancher looks for them in `rancher`. */
function officialName(root: string, site: Site): Mirror['rename'] {
  const whole = site.repositoryOf(`docker.io/${OFFICIAL}name`);
  const path = root === '' ? whole : whole.slice(root.length + 1);
  const to = path.slice(0, -'name'.length);
  return to === OFFICIAL ? undefined : { from: OFFICIAL, to };
}

/**
 * Returns the repository that a node asks the registry for when it wants `repository` of the mirror's source.
 * `canRename` is false for clients that know no rewriting.
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
