import { isRecord } from '../../internal/json.ts';
import { defaultsIn, type PartDefaults, planVersionOf } from './image-parts.ts';

type Mapping = Readonly<Record<string, unknown>>;

/** Where a pod runs, as far as its specification says. */
export interface PodPlace {
  /** Name of its node. */
  readonly node?: string | undefined;
  readonly os?: string | undefined;
  /** In Go terms; several when any of them will do. */
  readonly architectures?: readonly string[] | undefined;
}

/** What is known of a place in an object from all that it lies in. */
export interface Scope {
  readonly kind?: string | undefined;
  /** The key that it is under. */
  readonly key?: string | undefined;
  /** Notes and schemas: what they name is looked at by people and asked for by nobody. */
  readonly isNote?: boolean | undefined;
  readonly isSchema?: boolean | undefined;
  readonly place?: PodPlace | undefined;
  readonly parts: PartDefaults;
}

/** Returns whether what is under a key is for people. */
export function isNoteKey(key: string): boolean {
  return key === 'annotations' || key === 'labels';
}

/** Returns the scope of what lies in `mapping`, which is in `above`, under `key`. */
export function scopeOf(mapping: Mapping, key: string | undefined, above: Scope): Scope {
  const named = typeof mapping['apiVersion'] === 'string' ? mapping['kind'] : undefined;
  const kind = typeof named === 'string' ? named : above.kind;
  const planVersion = planVersionOf(mapping);
  const { hub, tag } = above.parts;
  return {
    kind,
    key,
    isNote: above.isNote === true || (key !== undefined && isNoteKey(key)),
    isSchema: above.isSchema === true || key === 'openAPIV3Schema',
    place: placeOf(mapping) ?? above.place,
    parts: defaultsIn(mapping, planVersion === undefined ? above.parts : { hub, tag, planVersion }),
  };
}

/** Well-known labels of nodes; the second is what older clusters have. */
const ARCHITECTURE = ['kubernetes.io/arch', 'beta.kubernetes.io/arch'];
const OS = ['kubernetes.io/os', 'beta.kubernetes.io/os'];

/** Returns where the pod of a PodSpec runs; `undefined` for another mapping, or when nothing says so. */
function placeOf(spec: Mapping): PodPlace | undefined {
  // Compose says it in one word.
  const platform = spec['platform'];
  if (typeof platform === 'string' && typeof spec['image'] === 'string') {
    const [os, architecture] = platform.split('/');
    return { os, architectures: architecture === undefined ? undefined : [architecture] };
  }
  if (!Array.isArray(spec['containers'])) return undefined;
  const selector = isRecord(spec['nodeSelector']) ? spec['nodeSelector'] : {};
  const podOs = isRecord(spec['os']) ? wordOf(spec['os']['name']) : undefined;
  const architecture = firstOf(ARCHITECTURE, selector);
  const architectures =
    architecture === undefined ? requiredOf(spec['affinity'], ARCHITECTURE) : [architecture];
  const os = podOs ?? firstOf(OS, selector) ?? requiredOf(spec['affinity'], OS)?.[0];
  const node = wordOf(spec['nodeName']);
  return node === undefined && os === undefined && architectures === undefined
    ? undefined
    : { node, os, architectures };
}

function firstOf(labels: readonly string[], selector: Mapping): string | undefined {
  return labels.map((label) => wordOf(selector[label])).find((value) => value !== undefined);
}

/** Returns the values that a required affinity allows for a label of nodes. */
function requiredOf(affinity: unknown, labels: readonly string[]): readonly string[] | undefined {
  const required = dig(affinity, 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution');
  const terms = dig(required, 'nodeSelectorTerms');
  const allowed = listOf(terms).flatMap((term) =>
    listOf(dig(term, 'matchExpressions')).flatMap((expression) => {
      const key = dig(expression, 'key');
      if (typeof key !== 'string' || !labels.includes(key) || dig(expression, 'operator') !== 'In') return [];
      return listOf(dig(expression, 'values')).flatMap((value) => wordOf(value) ?? []);
    }),
  );
  return allowed.length === 0 ? undefined : [...new Set(allowed)];
}

function dig(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((one, key) => (isRecord(one) ? one[key] : undefined), value);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function wordOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
