import { RELEASE_COMPONENT } from './names.ts';

/** What releases are built for; `multi` is a list of the others. */
export const ARCHITECTURES = ['amd64', 'arm64', 'ppc64le', 's390x', 'multi'] as const;

export type ReleaseArchitecture = (typeof ARCHITECTURES)[number];

/** Where the images of a release go: a repository, and for a template what stands after it. */
export interface ReleasePlace {
  readonly repository: string;
  /** A tag with `${component}` once, and maybe `${version}`. */
  readonly template?: string | undefined;
}

/** Returns what `oc` calls an architecture in tags: `x86_64` for amd64. */
export function tagArchitecture(architecture: string): string {
  return { amd64: 'x86_64', arm64: 'aarch64' }[architecture] ?? architecture;
}

/**
 * Returns the names of a component of a release at a registry, `repository:tag`. Since 4.7 `oc` puts the architecture into
 * tags; the release image gets the older form too, so that commands of every version find it.
 */
export function releaseNames(
  component: string,
  release: { readonly version: string; readonly architecture: string },
  { repository, template }: ReleasePlace,
): readonly string[] {
  const { version } = release;
  const suffix = tagArchitecture(release.architecture);
  if (template !== undefined) {
    const tag = template.replaceAll('${version}', version).replaceAll('${component}', component);
    return [`${repository}:${tag}-${suffix}`];
  }
  if (component !== RELEASE_COMPONENT) return [`${repository}:${version}-${suffix}-${component}`];
  return [`${repository}:${version}-${suffix}`, `${repository}:${version}`];
}

/** Returns the place that `REPOSITORY` or `REPOSITORY:…${component}…` means, or what is wrong with it. */
export function parseReleasePlace(text: string): ReleasePlace | string {
  const colon = text.indexOf(':');
  const repository = colon === -1 ? text : text.slice(0, colon);
  const template = colon === -1 ? undefined : text.slice(colon + 1);
  if (!/^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/.test(repository))
    return 'it is not a repository, such as openshift/release';
  if (template === undefined) return { repository };
  const known = template.replace('${component}', 'x').replaceAll('${version}', '1');
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/.test(known) || known === template.replaceAll('${version}', '1'))
    return 'its tag must have "${component}" once, and may have "${version}"';
  return { repository, template };
}
