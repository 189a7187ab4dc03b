import { SaddlebagError } from '../internal/error.ts';
import { parseReference, type Reference } from './reference.ts';

/** How an image may be called at the registry it goes to, the usual rule first; {@link targetReference} says what each does. */
export const NAMINGS = ['rancher', 'strip', 'full'] as const;

export type Naming = (typeof NAMINGS)[number];

/** A name at a registry, the registry itself left out. */
export type TargetReference = Omit<Reference, 'registry'>;

const DOCKER_HUB = 'docker.io/';
const OFFICIAL = 'library/';

/**
 * Returns what an image is called at a registry. `name` is the name as the user knows it.
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

/** Only a namespace that the user wrote is kept: to Docker `busybox` and `library/busybox` are one, to Rancher they are not. */
function rancherPath({ name, registry, repository }: SourceName): string {
  if (`${registry}/` !== DOCKER_HUB) return fullPath({ name, registry, repository });
  if (!repository.startsWith(OFFICIAL)) return repository;
  return name.startsWith(OFFICIAL) ? repository : `rancher/${repository.slice(OFFICIAL.length)}`;
}

/** A repository name has no room for a port's colon nor for capitals. */
function fullPath({ registry, repository }: SourceName): string {
  return `${registry.toLowerCase().replace(':', '-')}/${repository}`;
}

/** Only an IPv6 address for a host, or a very long prefix, makes a name that no registry takes. */
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
