import { isRecord } from '../../internal/json.ts';
import { textDocuments } from '../../internal/text-yaml.ts';
import { flagsIn, flagTakesImage, namesImage } from './image-names.ts';
import { hasTag, imageTextOf, lookalikesIn } from './image-text.ts';

/** A text in an object that names an image, or looks like one. */
export interface Sighting {
  /** As written. */
  readonly text: string;
  /** Path in the document. When a text is YAML itself, the path continues into it. */
  readonly path: readonly (string | number)[];
  /** False when the text is not where an image belongs. */
  readonly isSure: boolean;
}

/** How deep documents may nest inside texts. */
const DEPTH_LIMIT = 4;
/** Fields a cluster fills in: records of what ran, copies of what was applied, names of disks. */
const IGNORED: ReadonlySet<string> = new Set(['status', 'managedFields', 'volumeAttributes', 'rbd']);
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * Yields every image that an object makes a cluster pull: `image` and similar keys at any depth of any kind, image volumes,
 * variables, arguments (`--image=REF` or two items), and texts that are YAML or JSON themselves (ConfigMaps, values of a
 * HelmChart). Texts that only look like an image are included and marked.
 */
export function* imagesIn(root: unknown, depth = 1): Generator<Sighting, void, undefined> {
  const seen = new Set<unknown>();
  const found: Found[] = [{ value: root, path: [] }];
  // The list grows during the loop instead of recursing, so deep nesting cannot exhaust the stack.
  for (const { value, path, isListed } of found) {
    if (typeof value === 'string') yield* inText(value, path, { depth, isListed });
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    for (const [key, child] of childrenOf(value)) {
      if (isIgnored(key)) continue;
      const at = [...path, key];
      const text = typeof child === 'string' ? sureImage(value, key, child) : undefined;
      if (text !== undefined) yield { text, path: at, isSure: true };
      else
        found.push({
          value: child,
          path: at,
          isListed: holdsImages(key) || (isListed && typeof child === 'string'),
        });
    }
  }
}

interface Found {
  readonly value: unknown;
  readonly path: readonly (string | number)[];
  /** Whether it is directly below a key such as `images`. */
  readonly isListed?: boolean | undefined;
}

function childrenOf(value: object): readonly (readonly [string | number, unknown])[] {
  return Array.isArray(value) ? [...value.entries()] : Object.entries(value);
}

function holdsImages(key: string | number): boolean {
  return typeof key === 'string' && /images$/i.test(key);
}

function isIgnored(key: string | number): boolean {
  return typeof key === 'string' && (IGNORED.has(key) || key === LAST_APPLIED);
}

/** Returns the image in a text, judged by its key. */
function sureImage(parent: object, key: string | number, text: string): string | undefined {
  if (Array.isArray(parent)) {
    const before: unknown = typeof key === 'number' ? parent[key - 1] : undefined;
    return typeof before === 'string' && flagTakesImage(before) ? imageTextOf(text) : undefined;
  }
  if (!isRecord(parent) || typeof key !== 'string') return undefined;
  if (key === 'value' || key === 'default') {
    const name = parent['name'];
    return typeof name === 'string' && namesImage(name) ? imageTextOf(text) : undefined;
  }
  // An image volume (Kubernetes 1.31 and newer).
  if (key === 'reference' && 'pullPolicy' in parent) return imageTextOf(text);
  if (key === 'baseImage' && !hasTag(text)) return imageTextOf(withVersion(parent, text));
  return namesImage(key) ? imageTextOf(text) : undefined;
}

/** Legacy fields of the Prometheus operator (`pkg/operator/image.go`). */
function withVersion(parent: Readonly<Record<string, unknown>>, base: string): string {
  const { sha, tag, version } = parent;
  if (typeof sha === 'string' && sha !== '') return `${base}@sha256:${sha}`;
  const name = [tag, version].find((one) => typeof one === 'string' && one !== '');
  return typeof name === 'string' ? `${base}:${name}` : base;
}

function* inText(
  text: string,
  path: Sighting['path'],
  { depth, isListed }: { readonly depth: number; readonly isListed: boolean | undefined },
): Generator<Sighting, void, undefined> {
  const listed = isListed === true && hasTag(text) ? imageTextOf(text) : undefined;
  if (listed !== undefined) return yield { text: listed, path, isSure: true };
  const inner =
    depth < DEPTH_LIMIT && /[\n{]/.test(text) && /image|reloader/i.test(text) ? objectsIn(text) : [];
  if (inner.length > 0) {
    for (const one of imagesIn(inner.length === 1 ? inner[0] : inner, depth + 1))
      yield { ...one, path: [...path, ...one.path] };
    return undefined;
  }
  const flagged = flagsIn(text).flatMap(([flag, value]) => {
    const image = flagTakesImage(flag) ? imageTextOf(value) : undefined;
    return image === undefined ? [] : [image];
  });
  for (const image of flagged) yield { text: image, path, isSure: true };
  const [key = '', ...rest] = text.split('=');
  const assigned = /^[\w-]+$/.test(key) && namesImage(key) ? imageTextOf(rest.join('=')) : undefined;
  if (assigned !== undefined) yield { text: assigned, path, isSure: true };
  for (const lookalike of lookalikesIn(text))
    if (lookalike !== assigned && !flagged.includes(lookalike))
      yield { text: lookalike, path, isSure: false };
}

/** Plain words are valid YAML too, so only a mapping or a list counts. */
function objectsIn(text: string): readonly unknown[] {
  const documents = textDocuments(text) ?? [];
  return documents.filter((document) => typeof document === 'object' && document !== null);
}
