import { isSaddlebagError } from '../internal/error.ts';
import { parseReference, type Reference } from './reference.ts';

/** The name of an image or a chart at this server. */
export interface ServedName {
  readonly repository: string;
  /** `:tag` or `@digest` */
  readonly end: string;
}

/** Returns the name that a full reference has at this server; `undefined` when it has none. */
export function servedName(name: string): ServedName | undefined {
  try {
    const reference = parseReference(name);
    const { tag, digest } = reference;
    return { repository: ownName(reference), end: tag === undefined ? `@${digest}` : `:${tag}` };
  } catch (error) {
    // Content without a name cannot be pulled.
    if (isSaddlebagError(error, 'ERR_REFERENCE_INVALID')) return undefined;
    throw error;
  }
}

/** Returns the repository of an image here, in Docker's short form: without the host for Docker Hub. */
export function ownName({ registry, repository }: Reference): string {
  return registry === 'docker.io' ? repository : `${registry.toLowerCase().replace(':', '-')}/${repository}`;
}
