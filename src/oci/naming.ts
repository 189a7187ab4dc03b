import { SaddlebagError } from '../internal/error.ts';
import { parseReference, type Reference } from './reference.ts';

/** How to name an image at the target registry, the default rule first; {@link targetReference} explains each. */
export const NAMINGS = ['rancher', 'strip', 'full'] as const;

export type Naming = (typeof NAMINGS)[number];

/** A name at a registry, without the registry. */
export type TargetReference = Omit<Reference, 'registry'>;

const DOCKER_HUB = 'docker.io/';
const OFFICIAL = 'library/';

/**
 * Returns the name of an image at a registry. `name` is the name that the user knows.
 *
 * - `rancher`: as Rancher looks images up. Docker Hub's host is dropped, an image without a namespace goes under `rancher/`,
 *   any other host stays as the first part of the name.
 * - `strip`: every host is dropped.
 * - `full`: every host stays, Docker Hub's too.
 *
 * @throws `ERR_REFERENCE_INVALID`
 */
export function targetReference(name: string, naming: Naming = 'rancher', prefix = ''): TargetReference {
  const { registry, repository, tag, digest } = parseReference(name);
  const path = { rancher: rancherPath, strip: () => repository, full: fullPath }[naming];
  const named = path({ name, registry, repository });
  const whole = prefix === '' ? named : `${prefix}/${named}`;
  return {
    repository: checkedRepository(whole, name),
    tag,
    digest,
  };
}

interface SourceName {
  readonly name: string;
  readonly registry: string;
  readonly repository: string;
}

/** Keeps a namespace only if the user wrote it: `busybox` and `library/busybox` are the same to Docker, but not to Rancher. */
function rancherPath({ name, registry, repository }: SourceName): string {
  if (`${registry}/` !== DOCKER_HUB) return fullPath({ name, registry, repository });
  if (!repository.startsWith(OFFICIAL)) return repository;
  return name.startsWith(OFFICIAL) ? repository : `rancher/${repository.slice(OFFICIAL.length)}`;
}

/** A repository name cannot hold a port's colon, nor capitals. */
function fullPath({ registry, repository }: SourceName): string {
  return `${registry.toLowerCase().replace(':', '-')}/${repository}`;
}

/** Only an IPv6 host or a very long prefix gives a name that no registry accepts. */
function checkedRepository(repository: string, name: string): string {
  try {
    return parseReference(`registry.invalid/${repository}`).repository;
  } catch (cause) {
    throw new SaddlebagError(
      'ERR_REFERENCE_INVALID',
      `Cannot name image "${name}" at the registry: "${repository}" is not a repository name`,
      { hint: 'Choose the naming "strip", which leaves the host out.', cause },
    );
  }
}
