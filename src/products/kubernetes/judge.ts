import { isRecord } from '../../internal/json.ts';
import { flagTakesImage, namesImage } from './image-names.ts';
import { hasPlaceholder, imageTextOf, plainImageOf } from './image-text.ts';
import type { Scope } from './scope.ts';

/** What a text is, by the place that it is in. */
export interface Verdict {
  readonly text: string;
  /** False for a text that is not where an image belongs, or not whole. */
  readonly isSure: boolean;
  /** Not where an image belongs, but complete in a variable or an argument: most likely one. */
  readonly isLikely?: boolean | undefined;
}

/** Annotations that programs read, and not people: Istio's injector, the catalogs of OLM. */
const READ_NOTES: ReadonlySet<string> = new Set(['sidecar.istio.io/proxyImage', 'containerImage']);

/** Returns what a text is, judged by its key and what is beside it; `undefined` when they say nothing about it. */
export function judge(
  text: string,
  at: { readonly parent: object; readonly key: string | number; readonly scope: Scope },
  { thorough }: { readonly thorough?: boolean | undefined } = {},
): Verdict | undefined {
  const { parent, key, scope } = at;
  if (!isPlaceOfImage(parent, key, scope)) return likely(text, at);
  if (thorough === true && hasPlaceholder(text) && imageTextOf(text) === undefined)
    return { text, isSure: false };
  const image = imageTextOf(text);
  if (image === undefined) return undefined;
  // A schema says what could be written.
  return { text: image, isSure: scope.isSchema !== true };
}

function isPlaceOfImage(parent: object, key: string | number, scope: Scope): boolean {
  if (typeof key === 'number') {
    const before: unknown = Array.isArray(parent) ? parent[key - 1] : undefined;
    return typeof before === 'string' && flagTakesImage(before);
  }
  if (scope.isNote === true) return READ_NOTES.has(key);
  if (!isRecord(parent)) return false;
  if (key === 'value' || key === 'default') return isValueOfImage(parent, scope);
  // An image volume (Kubernetes 1.31 and newer).
  if (key === 'reference') return 'pullPolicy' in parent || scope.key === 'image';
  // Tekton's bundles are artifacts that are pulled like images.
  if (key === 'bundle') return scope.key === 'taskRef' || scope.key === 'pipelineRef';
  // KubeVirt's importer.
  if (key === 'url') return String(parent[key]).startsWith('docker://');
  // Compose has image volumes as well.
  if (key === 'source') return parent['type'] === 'image';
  return namesImage(key);
}

/** Variables of a container, settings of Rancher, parameters of a template. */
function isValueOfImage(parent: Readonly<Record<string, unknown>>, scope: Scope): boolean {
  if (scope.kind === 'Setting') {
    const metadata = isRecord(parent['metadata']) ? parent['metadata'] : {};
    return typeof metadata['name'] === 'string' && namesImage(metadata['name']);
  }
  const name = parent['name'];
  if (typeof name !== 'string') return scope.isSchema === true && namesImage(scope.key ?? '');
  return namesImage(name) || name === 'bundle';
}

function likely(
  text: string,
  { parent, key, scope }: { readonly parent: object; readonly key: string | number; readonly scope: Scope },
): Verdict | undefined {
  if (scope.isNote === true || scope.isSchema === true) return undefined;
  const isVariable = key === 'value' && isRecord(parent) && typeof parent['name'] === 'string';
  const isItem = typeof key === 'number' && (scope.key === 'args' || scope.key === 'command');
  if (!isVariable && !isItem) return undefined;
  const image = plainImageOf(text);
  return image === undefined ? undefined : { text: image, isSure: false, isLikely: true };
}
