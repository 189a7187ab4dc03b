import { isRecord } from '../../internal/json.ts';
import { hasTag, imageTextOf } from './image-text.ts';

type Mapping = Readonly<Record<string, unknown>>;

/** Fields further up that parts of an image are taken from. */
export interface PartDefaults {
  /** Istio: registry and tag of every image without a `/`. */
  readonly hub?: string | undefined;
  readonly tag?: string | undefined;
  /** `spec.version` of a Plan (`upgrade.cattle.io`), as a tag. */
  readonly planVersion?: string | undefined;
}

/** An image that several fields name together. */
export interface ComposedImage {
  readonly text: string;
  /** The field that stands for all of them. */
  readonly key: string;
}

/**
 * Returns the image that the fields of one mapping name together, and the field to point at: `{registry, repository, tag,
 * digest}` and their kin in Helm values and in many custom resources, `{newName, newTag}` of a Kustomization, `{baseImage, tag}` of
 * the Prometheus operator.
 */
export function composedImage(mapping: Mapping, defaults: PartDefaults = {}): ComposedImage | undefined {
  const [repository, image, base] = ['repository', 'image', 'baseImage'].map((key) => textOf(mapping[key]));
  if (base !== undefined && image === undefined) return made(withVersion(mapping, base), 'baseImage');
  const registry = textOf(mapping['registry']) ?? textOf(mapping['imageRegistry']);
  const end = endOf(mapping);
  if (repository !== undefined && looksLikeRepository(repository)) {
    const name = image === undefined || hasTag(image) ? repository : `${repository}/${image}`;
    return end === undefined && !hasTag(name)
      ? undefined
      : made(ended(withRegistry(name, registry), end), 'repository');
  }
  if (image === undefined || hasTag(image)) return undefined;
  if (textOf(mapping['hub']) !== undefined || defaults.hub !== undefined) {
    const hub = textOf(mapping['hub']) ?? defaults.hub ?? '';
    const tag = end ?? (defaults.tag === undefined ? undefined : `:${defaults.tag}`);
    return image.includes('/') || tag === undefined ? undefined : made(`${hub}/${image}${tag}`, 'image');
  }
  if (defaults.planVersion !== undefined) return made(`${image}:${defaults.planVersion}`, 'image');
  return end === undefined ? undefined : made(ended(withRegistry(image, registry), end), 'image');
}

/** Returns what a Kustomization puts in place of an image (`images[]`). */
export function kustomizedImage(mapping: Mapping): ComposedImage | undefined {
  const name = textOf(mapping['newName']) ?? textOf(mapping['name']);
  const [tag, digest] = [textOf(mapping['newTag']), textOf(mapping['digest'])];
  if (name === undefined || (tag === undefined && digest === undefined)) return undefined;
  return made(digest === undefined ? `${name}:${tag ?? ''}` : `${name}@${digest}`, 'newTag');
}

/** Returns what the fields of a mapping say about images below it. */
export function defaultsIn(mapping: Mapping, above: PartDefaults): PartDefaults {
  const global = isRecord(mapping['global']) ? mapping['global'] : mapping;
  const hub = textOf(global['hub']);
  const { planVersion } = above;
  return hub === undefined ? above : { hub, tag: textOf(global['tag']) ?? above.tag, planVersion };
}

/** A tag cannot hold the `+` of a version (rancher/system-upgrade-controller). */
export function planVersionOf(object: Mapping): string | undefined {
  if (object['kind'] !== 'Plan' || !isRecord(object['spec'])) return undefined;
  return textOf(object['spec']['version'])?.replaceAll('+', '-');
}

function made(text: string, key: string): ComposedImage | undefined {
  const image = imageTextOf(text);
  return image === undefined ? undefined : { text: image, key };
}

function endOf(mapping: Mapping): string | undefined {
  const [tag, digest] = [textOf(mapping['tag']), textOf(mapping['digest'])];
  if (tag === undefined && digest === undefined) return undefined;
  // Some charts put the digest into the tag: `tag: v1@sha256:…`.
  return `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

function ended(name: string, end: string | undefined): string {
  return end === undefined || hasTag(name) ? name : `${name}${end}`;
}

/** Legacy fields of the Prometheus operator (`pkg/operator/image.go`). A base with a tag counts as it is. */
function withVersion(mapping: Mapping, base: string): string {
  if (hasTag(base)) return base;
  const sha = textOf(mapping['sha']);
  if (sha !== undefined) return `${base}@sha256:${sha}`;
  const name = textOf(mapping['tag']) ?? textOf(mapping['version']);
  return name === undefined ? base : `${base}:${name}`;
}

/** Repositories of source code and of charts have the same key. */
function looksLikeRepository(repository: string): boolean {
  return !/^[a-z+]+:\/\/|^git@|\s|[{}]|\.git$/.test(repository);
}

/** A repository may name its registry already. */
function withRegistry(repository: string, registry: string | undefined): string {
  return registry === undefined || repository.startsWith(`${registry}/`)
    ? repository
    : `${registry}/${repository}`;
}

/** JSON has numbers where YAML, read as text, has strings. */
function textOf(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text !== '' && text !== 'null' && text !== '~' ? text : undefined;
}
