import { isRecord } from '../../../internal/json.ts';
import type { NamedImage } from './context.ts';
import type { ChartContext } from './context.ts';
import { decodeAppVersion } from './app-version.ts';
import { textOf } from '../../../internal/yaml/text.ts';
import { imagesIn } from '../../../products/kubernetes/images.ts';
import { hasTag } from '../../../products/kubernetes/image-text.ts';
import { chartValues } from './merged-values.ts';

/**
 * Returns the images in the values of a chart and its subcharts, as Helm merges them. By Rancher's rule (`values`), a mapping
 * with the strings `repository` and `tag` is an image. Beyond that (`values-inferred`), a `registry` beside them counts, the
 * chart's `appVersion` stands in for a missing tag, a `digest` is kept, and so is a full name under a key such as `image` or
 * `busyboxImage`.
 */
export function valuesImages(context: ChartContext): ValuesFinds {
  const images: NamedImage[] = [];
  const lookalikes = new Set<string>();
  for (const { path, values } of chartValues(context)) {
    const appVersion = decodeAppVersion(context, path);
    const defaults = isRecord(values) ? globalsOf(values) : {};
    for (const mapping of mappingsIn(values)) images.push(...imagesOf(mapping, { ...defaults, appVersion }));
    for (const { text, isSure } of imagesIn(values)) {
      // Without a tag, a name beside other keys is at most part of an image.
      if (isSure && hasTag(text)) images.push({ text, method: 'values-inferred' });
      else if (!isSure) lookalikes.add(text);
    }
  }
  return { images, lookalikes: [...lookalikes] };
}

/** What a chart's values name, and what in them only looks like an image. */
export interface ValuesFinds {
  readonly images: readonly NamedImage[];
  readonly lookalikes: readonly string[];
}

/** Defaults for every image in the values. */
interface Defaults {
  /** cert-manager 1.20 and newer: registry and namespace of all its images. */
  readonly imageRegistry?: string | undefined;
  readonly imageNamespace?: string | undefined;
  readonly appVersion?: string | undefined;
}

function globalsOf(values: Readonly<Record<string, unknown>>): Defaults {
  return {
    imageRegistry: textOf(values['imageRegistry']),
    imageNamespace: textOf(values['imageNamespace']),
  };
}

/** Yields every mapping once, also one shared by anchors. */
function* mappingsIn(root: unknown): Generator<Readonly<Record<string, unknown>>, void, undefined> {
  const seen = new Set<unknown>();
  const found: unknown[] = [root];
  // Grows during the loop.
  for (const value of found) {
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    if (isRecord(value)) yield value;
    found.push(...Object.values(value));
  }
}

function imagesOf(mapping: Readonly<Record<string, unknown>>, defaults: Defaults): readonly NamedImage[] {
  const os = textOf(mapping['os']);
  const repository = repositoryOf(mapping, defaults);
  if (repository === undefined) return [];
  const tag = textOf(mapping['tag']);
  const digest = textOf(mapping['digest']);
  const registry = textOf(mapping['registry']);
  const isPlain = registry === undefined && digest === undefined && !repository.isInferred;
  if (tag !== undefined && isPlain) return [{ text: `${repository.text}:${tag}`, method: 'values', os }];
  const named = tag ?? (digest === undefined ? defaults.appVersion : undefined);
  if (named === undefined && digest === undefined) return [];
  const text = `${withRegistry(repository.text, registry)}${named === undefined ? '' : `:${named}`}${digest === undefined ? '' : `@${digest}`}`;
  return [{ text, method: 'values-inferred', os }];
}

/** Rancher ignores an empty `repository`. With a `name` beside it, cert-manager builds the image from its globals. */
function repositoryOf(
  mapping: Readonly<Record<string, unknown>>,
  { imageRegistry, imageNamespace }: Defaults,
): { readonly text: string; readonly isInferred: boolean } | undefined {
  const repository = textOf(mapping['repository']);
  if (repository !== undefined)
    return looksLikeImage(repository) ? { text: repository, isInferred: false } : undefined;
  const name = textOf(mapping['name']);
  if (!('repository' in mapping) || name === undefined || imageRegistry === undefined) return undefined;
  return { text: [imageRegistry, imageNamespace, name].filter(Boolean).join('/'), isInferred: true };
}

/** Charts also use `repository` for source code or for other charts. */
function looksLikeImage(repository: string): boolean {
  return !/^[a-z+]+:\/\/|^git@|\s|[{}]|\.git$/.test(repository);
}

/** Does not repeat a registry that the repository already includes. */
function withRegistry(repository: string, registry: string | undefined): string {
  return registry === undefined || repository.startsWith(`${registry}/`)
    ? repository
    : `${registry}/${repository}`;
}
