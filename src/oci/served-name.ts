import { isSaddlebagError } from '../internal/error.ts';
import { parseReference, type Reference } from './reference.ts';

/** How an image or a chart is called at this server. */
export interface ServedName {
  readonly repository: string;
  /** `:tag` or `@digest` */
  readonly end: string;
}

/** Returns the name that a full reference has at this server; `undefined` for what is none. */
export function servedName(name: string): ServedName | undefined {
  try {
    const reference = parseReference(name);
    const { tag, digest } = reference;
    return { repository: ownName(reference), end: tag === undefined ? `@${digest}` : `:${tag}` };
  } catch (error) {
    // Nobody can pull what has no name.
    if (isSaddlebagError(error, 'ERR_REFERENCE_INVALID')) return undefined;
    throw error;
  }
}

/** Returns the repository of an image here, as Docker writes it: the host is left out where it is Docker Hub. */
export function ownName({ registry, repository }: Reference): string {
  return registry === 'docker.io' ? repository : `${registry.toLowerCase().replace(':', '-')}/${repository}`;
}
