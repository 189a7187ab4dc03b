import { isSaddlebagError } from '../internal/error.ts';
import { ANNOTATION } from '../oci/annotation.ts';
import { formatReference, parseReference } from '../oci/reference.ts';

const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
/** What go-containerregistry calls an image that was pulled by digest. */
const DUMMY_TAG = 'i-was-a-digest';
/** The name of an image in Zarf's packages; elsewhere the image that it was built from. */
const BASE_NAME = 'org.opencontainers.image.base.name';

/** How an image is called in an archive. */
export interface SavedName {
  readonly name?: string | undefined;
  readonly tag?: string | undefined;
}

/** Where to look for the name of an entry of a layout. */
export interface NameRules {
  /** Whether its base name is its name. */
  readonly isZarf: boolean;
  /** Whether only containerd's name is the whole name. */
  readonly isHaul: boolean;
}

/** Returns the name that the annotations of an entry of an `index.json` give, as containerd, podman, skopeo and Zarf write it. */
export function nameIn(
  annotations: Readonly<Record<string, string>> | undefined,
  { isZarf, isHaul }: NameRules,
): SavedName {
  const written = annotations?.[ANNOTATION.refName] ?? '';
  const own = fullName(annotations?.[ANNOTATION.containerdName] ?? '');
  if (own !== undefined || isHaul) return { name: own };
  const isTag = TAG.test(written);
  const name = isTag ? undefined : fullName(written);
  const base = isZarf ? fullName(annotations?.[BASE_NAME] ?? '') : undefined;
  return name === undefined && base === undefined && isTag ? { tag: written } : { name: name ?? base };
}

/** Returns a name as `docker save` writes it in full; `undefined` for one that no client could ask for. */
export function fullName(text: string): string | undefined {
  if (text === '') return undefined;
  try {
    const reference = parseReference(text);
    return reference.tag === DUMMY_TAG ? undefined : formatReference(reference);
  } catch (error) {
    if (!isSaddlebagError(error)) throw error;
    return undefined;
  }
}
