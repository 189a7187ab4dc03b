import { isRecord } from '../../internal/json.ts';
import { textDocuments } from '../../internal/yaml/text.ts';
import { composedImage, kustomizedImage } from './image-parts.ts';
import { type Line, imagesInLine } from './image-lines.ts';
import { hasTag, imageTextOf, isPackaged } from './image-text.ts';
import { judge, type Verdict } from './judge.ts';
import { isNoteKey, type PodPlace, type Scope, scopeOf } from './scope.ts';

type Path = readonly (string | number)[];

/** A text in an object that names an image, or looks like one. */
export interface Sighting extends Verdict {
  /** Path in the document. When a text is YAML itself, the path continues into it. */
  readonly path: Path;
  /** Where the pod that it is for runs, if that is said. */
  readonly place?: PodPlace | undefined;
  /** Whether K3s puts its own registry setting in front. */
  readonly isPackaged?: boolean | undefined;
}

export interface SightOptions {
  /** Also finds what several fields name together, such as `{repository, tag}`, and tells of names with a placeholder. */
  readonly thorough?: boolean | undefined;
}

/** How deep documents may nest inside texts. */
const DEPTH_LIMIT = 4;
/** Fields a cluster fills in: records of what ran, copies of what was applied, names of disks; a chart in base64. */
const IGNORED: ReadonlySet<string> = new Set([
  'status',
  'managedFields',
  'ownerReferences',
  'volumeAttributes',
  'rbd',
  'chartContent',
  'kubectl.kubernetes.io/last-applied-configuration',
  // What is secret is not looked at, so that it is in no message.
  'token',
  'agent-token',
  'password',
]);
/** Kinds that tell what happened, and ask for nothing. */
const RECORDS: ReadonlySet<unknown> = new Set(['Event', 'ImageReview', 'Node']);
/** Texts of a schema that are written for people. */
const PROSE: ReadonlySet<string> = new Set(['description', 'example', 'examples', 'pattern']);

/**
 * Yields every image that an object makes a cluster pull: `image` and similar keys at any depth of any kind, image volumes,
 * variables, arguments (`--image=REF` or two items), and texts that are YAML or JSON themselves (ConfigMaps, Secrets, values of
 * a HelmChart). Texts that only look like an image are included and marked.
 */
export function* imagesIn(root: unknown, options: SightOptions = {}): Generator<Sighting, void, undefined> {
  yield* walk(root, { options, depth: 1, scope: { parts: {} } });
}

interface Walk {
  readonly options: SightOptions;
  readonly depth: number;
  readonly scope: Scope;
}

/** A path, from its end: most places of an object are never told, so that whole paths would be wasted on them. */
interface Step {
  readonly key: string | number;
  readonly before: Step | undefined;
}

function pathOf(last: Step | undefined): (string | number)[] {
  const path: (string | number)[] = [];
  for (let step = last; step !== undefined; step = step.before) path.push(step.key);
  return path.toReversed();
}

interface Found {
  readonly value: unknown;
  readonly at: Step | undefined;
  /** The nearest key above it that is a word. */
  readonly key: string | undefined;
  readonly scope: Scope;
  /** Whether it is directly below a key such as `images`. */
  readonly isListed?: boolean | undefined;
}

function* walk(root: unknown, { options, depth, scope: outer }: Walk): Generator<Sighting, void, undefined> {
  const seen = new Set<unknown>();
  const found: Found[] = [{ value: root, at: undefined, key: undefined, scope: outer }];
  // The list grows during the loop instead of recursing, so deep nesting cannot exhaust the stack.
  for (const { value, at, key, scope: above, isListed } of found) {
    if (typeof value === 'string') {
      const line = { text: value, isListed, isNote: above.isNote, path: (): Path => pathOf(at) };
      yield* inText(line, { options, depth, scope: above });
      continue;
    }
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    if (isRecord(value) && typeof value['apiVersion'] === 'string' && RECORDS.has(value['kind'])) continue;
    const scope = isRecord(value) ? scopeOf(value, key, above) : keyed(above, key);
    const composed = isRecord(value) ? composedAt(value, scope, options) : undefined;
    if (composed !== undefined)
      yield { text: composed.text, path: [...pathOf(at), composed.key], isSure: true, place: scope.place };
    for (const [name, child] of childrenOf(value)) {
      if (
        isIgnored(name, scope) ||
        isReplaced(name, value) ||
        (composed !== undefined && composed.keys.has(name))
      )
        continue;
      if (isPlain(child)) continue;
      const step = { key: name, before: at };
      const text = typeof child === 'string' ? decoded(child, value, scope) : undefined;
      const verdict =
        text === undefined ? undefined : judge(text, { parent: value, key: name, scope }, options);
      if (verdict !== undefined) yield sightingOf(verdict, { written: text, path: pathOf(step), scope });
      else {
        const listed = holdsImages(name) || (isListed === true && text !== undefined);
        const word = typeof name === 'string' ? name : key;
        found.push({ value: text ?? child, at: step, key: word, scope, isListed: listed });
      }
    }
  }
}

function sightingOf(
  { text, isSure, isLikely }: Verdict,
  from: { readonly written: string | undefined; readonly path: Path; readonly scope: Scope },
): Sighting {
  const packaged = isPackaged(from.written ?? '') ? true : undefined;
  return { text, path: from.path, isSure, isLikely, place: from.scope.place, isPackaged: packaged };
}

/** Fields that are parts of a composed image and none of their own. */
const PARTS = ['repository', 'registry', 'image', 'tag', 'digest', 'baseImage', 'newName', 'newTag', 'name'];

function composedAt(
  mapping: Readonly<Record<string, unknown>>,
  scope: Scope,
  { thorough }: SightOptions,
): { readonly text: string; readonly key: string; readonly keys: ReadonlySet<unknown> } | undefined {
  const isCustomized = scope.kind === 'Kustomization' && scope.key === 'images';
  const image = isCustomized ? kustomizedImage(mapping) : composedImage(mapping, scope.parts);
  if (image === undefined || scope.isSchema === true || scope.isNote === true) return undefined;
  if (thorough !== true && image.key !== 'baseImage') return undefined;
  return { text: image.text, key: image.key, keys: new Set(PARTS) };
}

function keyed(scope: Scope, key: string | undefined): Scope {
  const { kind, isSchema, place, parts } = scope;
  const isNote = scope.isNote === true || (key !== undefined && isNoteKey(key));
  return { kind, key, isNote, isSchema, place, parts };
}

function childrenOf(value: object): readonly (readonly [string | number, unknown])[] {
  return Array.isArray(value) ? [...value.entries()] : Object.entries(value);
}

function holdsImages(key: string | number): boolean {
  return typeof key === 'string' && /images$/i.test(key);
}

/** Numbers and switches name nothing. */
function isPlain(value: unknown): boolean {
  return value === null || (typeof value !== 'object' && typeof value !== 'string');
}

function isIgnored(key: string | number, scope: Scope): boolean {
  return typeof key === 'string' && (IGNORED.has(key) || (scope.isSchema === true && PROSE.has(key)));
}

/** A base does not count beside an image, nor the default of a setting beside its value. */
function isReplaced(key: string | number, parent: object): boolean {
  if (!isRecord(parent)) return false;
  const by = key === 'baseImage' ? parent['image'] : parent['value'];
  const isSetting = key === 'default' && parent['kind'] === 'Setting';
  return (key === 'baseImage' || isSetting) && typeof by === 'string' && by !== '';
}

/** Data of a Secret is in base64; what is not text stays as it is. */
function decoded(text: string, parent: object, scope: Scope): string {
  const isData = scope.key === 'data' && scope.kind === 'Secret' && !Array.isArray(parent);
  if (!isData || !/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(text)) return text;
  const plain = Buffer.from(text, 'base64').toString('utf8');
  return plain.includes('\uFFFD') || plain.includes('\0') ? text : plain;
}

function* inText(
  line: Line & { readonly path: () => Path },
  { options, depth, scope }: Walk,
): Generator<Sighting, void, undefined> {
  const { text, isListed } = line;
  const listed = isListed === true && hasTag(text) ? imageTextOf(text) : undefined;
  if (listed !== undefined)
    return yield sightingOf({ text: listed, isSure: true }, { written: text, path: line.path(), scope });
  const inner =
    depth < DEPTH_LIMIT && /[\n{]|^[\w.-]+:\s/.test(text) && /image|reloader/i.test(text)
      ? objectsIn(text)
      : [];
  if (inner.length === 0) {
    for (const verdict of imagesInLine(line))
      yield sightingOf(verdict, { written: text, path: line.path(), scope });
    return undefined;
  }
  const root = inner.length === 1 ? inner[0] : inner;
  for (const one of walk(root, { options, depth: depth + 1, scope: keyed(scope, undefined) }))
    yield { ...one, path: [...line.path(), ...one.path] };
  return undefined;
}

/** Plain words are valid YAML too, so only a mapping or a list counts. */
function objectsIn(text: string): readonly unknown[] {
  const documents = textDocuments(text) ?? [];
  return documents.filter((document) => typeof document === 'object' && document !== null);
}
