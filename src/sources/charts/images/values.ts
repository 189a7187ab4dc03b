import { isRecord } from '../../../internal/json.ts';
import type { NamedImage } from './context.ts';
import type { ChartContext } from './context.ts';
import { decodeAppVersion } from './app-version.ts';
import { textOf } from '../../../internal/text-yaml.ts';
import { imagesIn } from '../../../products/kubernetes/images.ts';
import { hasTag } from '../../../products/kubernetes/image-text.ts';
import { chartValues } from './merged-values.ts';

/**
 * Returns the images in the values of a chart and its subcharts, as Helm merges them. In Rancher's way (`values`) a mapping with the
 * texts `repository` and `tag` is one; beyond that (`values-inferred`) a `registry` beside them counts, a missing tag is the
 * `appVersion` of the chart, a `digest` is kept, and so is a whole name under a key such as `image` or `busyboxImage`.
 */
export function valuesImages(context: ChartContext): ValuesFinds {
  const images: NamedImage[] = [];
  const lookalikes = new Set<string>();
  for (const { path, values } of chartValues(context)) {
    const appVersion = decodeAppVersion(context, path);
    const defaults = isRecord(values) ? globalsOf(values) : {};
    for (const mapping of mappingsIn(values)) images.push(...imagesOf(mapping, { ...defaults, appVersion }));
    for (const { text, isSure } of imagesIn(values)) {
      // Without a tag, a name beside others is a part of an image, if anything.
      if (isSure && hasTag(text)) images.push({ text, method: 'values-inferred' });
      else if (!isSure) lookalikes.add(text);
    }
  }
  return { images, lookalikes: [...lookalikes] };
}

/** What the values of a chart name, and what in them only looks like an image. */
export interface ValuesFinds {
  readonly images: readonly NamedImage[];
  readonly lookalikes: readonly string[];
}

/** What holds for every image of the values, unless it has its own. */
interface Defaults {
  /** cert-manager 1.20 and newer: where all of its images are. */
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

/** Every mapping, each once: what is shared by anchors comes out as one. */
function* mappingsIn(root: unknown): Generator<Readonly<Record<string, unknown>>, void, undefined> {
  const seen = new Set<unknown>();
  const found: unknown[] = [root];
  // Grows while it is walked.
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

/** An empty `repository` is no image to Rancher; with a `name` beside it, cert-manager puts it together from its globals. */
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

/** `repository` is also what charts call a place of source code or of other charts. */
function looksLikeImage(repository: string): boolean {
  return !/^[a-z+]+:\/\/|^git@|\s|[{}]|\.git$/.test(repository);
}

/** A registry that is in the repository already is not put before it again. */
function withRegistry(repository: string, registry: string | undefined): string {
  return registry === undefined || repository.startsWith(`${registry}/`)
    ? repository
    : `${registry}/${repository}`;
}
