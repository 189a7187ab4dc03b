import { isSaddlebagError, SaddlebagError } from '../internal/error.ts';
import { withoutCredentials } from '../internal/http/without-credentials.ts';
import { type Digest, isDigest } from './digest.ts';

/** An image's full name: `registry/repository[:tag][@digest]`, without defaults left to fill in. */
export interface Reference {
  /** Host with its port, `docker.io` for Docker Hub. */
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string | undefined;
  readonly digest?: Digest | undefined;
}

const DOCKER_HUB = 'docker.io';
/** Distribution, `reference/regexp.go`: components, tags, and hosts (names, IPv4, IPv6 in brackets). */
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const HOST =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;
const NAME_LIMIT = 255;
/** A scheme that people copy along: browsers show `https://`, and skopeo needs `docker://` (RFC 3986, 3.1). */
const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;

/**
 * Returns the full form of a reference, with Docker's defaults: `rancher/rancher` is `docker.io/rancher/rancher:latest`, and
 * `busybox` is `docker.io/library/busybox:latest`.
 *
 * @throws `ERR_REFERENCE_INVALID`
 */
export function parseReference(text: string): Reference {
  const scheme = SCHEME.exec(text)?.[0];
  if (scheme !== undefined)
    throw invalid(text, 'it is a URL', `Leave "${scheme}" out: a reference is not a URL.`);
  if (withoutCredentials(text) !== text)
    throw invalid(
      text,
      'it has an "@" that no digest follows',
      'User and password belong under registries.configs.',
    );
  const { name, tag, digest } = splitSuffixes(text);
  const { registry, path } = splitHost(name);
  if (!HOST.test(registry)) throw invalid(text, `"${registry}" is not a host name`);
  const components = path.split('/');
  const wrong = components.find((component) => !COMPONENT.test(component));
  if (wrong !== undefined) throw invalid(text, `"${wrong}" is not a repository name`, hintFor(path));
  if (registry.length + path.length + 1 > NAME_LIMIT)
    throw invalid(text, `the name is longer than ${NAME_LIMIT} characters`);
  if (tag !== undefined && !TAG.test(tag)) throw invalid(text, `"${tag}" is not a tag`);
  if (digest !== undefined && !isDigest(digest)) throw invalid(text, `"${digest}" is not a sha256 digest`);
  return {
    registry,
    repository: path,
    tag: tag ?? (digest === undefined ? 'latest' : undefined),
    digest,
  };
}

/** Returns `registry/repository[:tag][@digest]`, the name that containerd and K3s expect. */
export function formatReference(reference: Reference): string {
  const { registry, repository, tag, digest } = reference;
  const named = tag === undefined ? `${registry}/${repository}` : `${registry}/${repository}:${tag}`;
  return digest === undefined ? named : `${named}@${digest}`;
}

/** Returns whether `text` is a tag by the grammar of references. */
export function isTag(text: string): boolean {
  return TAG.test(text);
}

/** Returns whether `text` is in the form of {@link formatReference}: a complete reference. */
export function isFullReference(text: string): boolean {
  try {
    return formatReference(parseReference(text)) === text;
  } catch (error) {
    if (!isSaddlebagError(error, 'ERR_REFERENCE_INVALID')) throw error;
    return false;
  }
}

function splitSuffixes(text: string): { name: string; tag: string | undefined; digest: string | undefined } {
  const at = text.indexOf('@');
  const named = at === -1 ? text : text.slice(0, at);
  const digest = at === -1 ? undefined : text.slice(at + 1);
  // A colon before the last slash belongs to a port.
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  if (colon === -1) return { name: named, tag: undefined, digest };
  return { name: named.slice(0, colon), tag: named.slice(colon + 1), digest };
}

/** Docker's rule: the first component is a host if it contains a dot or a colon, or is `localhost`. */
function splitHost(name: string): { registry: string; path: string } {
  const slash = name.indexOf('/');
  const first = slash === -1 ? '' : name.slice(0, slash);
  const isHost = first.includes('.') || first.includes(':') || first === 'localhost';
  const registry = isHost ? first : DOCKER_HUB;
  const path = isHost ? name.slice(slash + 1) : name;
  if (registry !== DOCKER_HUB && registry !== 'index.docker.io') return { registry, path };
  return { registry: DOCKER_HUB, path: path.includes('/') ? path : `library/${path}` };
}

function hintFor(path: string): string | undefined {
  return /[A-Z]/.test(path) ? 'Repository names are lower-case.' : undefined;
}

function invalid(text: string, fact: string, hint?: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_REFERENCE_INVALID',
    `Cannot read reference ${JSON.stringify(withoutCredentials(text))}: ${fact}`,
    { hint },
  );
}
