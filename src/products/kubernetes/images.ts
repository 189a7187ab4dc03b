import { isRecord } from '../../internal/json.ts';
import { textDocuments } from '../../internal/text-yaml.ts';
import { flagsIn, flagTakesImage, namesImage } from './image-names.ts';
import { hasTag, imageTextOf, lookalikesIn } from './image-text.ts';

/** A text in an object that names an image, or looks as if it did. */
export interface Sighting {
  /** As it is written. */
  readonly text: string;
  /** Where in the document; a text that is YAML itself has what is in it behind its own place. */
  readonly path: readonly (string | number)[];
  /** False for what stands in no place for images. */
  readonly isSure: boolean;
}

/** Documents within texts within documents. */
const DEPTH_LIMIT = 4;
/** What a cluster writes down about what ran, copies of what was applied, names of disks. */
const IGNORED: ReadonlySet<string> = new Set(['status', 'managedFields', 'volumeAttributes', 'rbd']);
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * Yields every image that an object makes a cluster ask for, wherever it stands: `image` and keys like it at any depth of any
 * kind, image volumes, variables, arguments in one text and in two, texts that are YAML or JSON in turn (ConfigMaps, values of a
 * HelmChart). What only looks like an image comes too, and says so.
 */
export function* imagesIn(root: unknown, depth = 1): Generator<Sighting, void, undefined> {
  const seen = new Set<unknown>();
  const found: Found[] = [{ value: root, path: [] }];
  // Grows while it is walked, so no nesting is too deep for it.
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
  /** Whether it stands right below a key such as `images`. */
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

/** Returns the image that a text is by the place it stands in. */
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
  // A volume that is an image (Kubernetes 1.31 and newer).
  if (key === 'reference' && 'pullPolicy' in parent) return imageTextOf(text);
  if (key === 'baseImage' && !hasTag(text)) return imageTextOf(withVersion(parent, text));
  return namesImage(key) ? imageTextOf(text) : undefined;
}

/** The older fields of the Prometheus operator (`pkg/operator/image.go`). */
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

/** Plain words are YAML too, so only what has a mapping or a list in it counts. */
function objectsIn(text: string): readonly unknown[] {
  const documents = textDocuments(text) ?? [];
  return documents.filter((document) => typeof document === 'object' && document !== null);
}
