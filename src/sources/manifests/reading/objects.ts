import { isRecord } from '../../../internal/json.ts';
import { textOf, textValues } from '../../../internal/yaml/text.ts';
import type { WaitOptions } from '../../../oci/roles.ts';
import { imagesIn, type Sighting } from '../../../products/kubernetes/images.ts';
import { kubeVirtImages } from '../../../products/kubernetes/kubevirt.ts';
import { chartReadings } from './chart.ts';
import type { NamedPlace, Reading } from './reading.ts';

type Mapping = Readonly<Record<string, unknown>>;

/** An object, and where it was written. */
export interface PlacedObject {
  readonly file: string;
  /** Its path in the document. */
  readonly path: readonly (string | number)[];
  /** Returns the line of a value in it. */
  readonly lineOf: (path: readonly (string | number)[]) => number;
}

/** Yields what a Kubernetes object, or each item of a list, says; any other document is searched for images alone. */
export async function* objectReadings(
  value: unknown,
  at: PlacedObject,
  options: WaitOptions = {},
): AsyncGenerator<Reading, void, undefined> {
  if (isRecord(value) && Array.isArray(value['items']) && String(value['kind']).endsWith('List')) {
    const items: readonly unknown[] = value['items'];
    for (const [index, item] of items.entries()) {
      const inside = ['items', index];
      const lineOf: PlacedObject['lineOf'] = (path) => at.lineOf([...inside, ...path]);
      yield* objectReadings(item, { file: at.file, path: [...at.path, ...inside], lineOf }, options);
    }
    return;
  }
  const object = isRecord(value) ? nameOf(value) : undefined;
  if (isRecord(value) && object !== undefined) yield* factsOf(value, { at, object }, options);
  for (const sighting of imagesIn(value, { thorough: true })) yield mentionOf(sighting, { at, object });
}

function mentionOf(
  { text, path, isSure, isLikely, place, isPackaged }: Sighting,
  { at, object }: { readonly at: PlacedObject; readonly object: string | undefined },
): Reading {
  const where = (): NamedPlace => ({
    file: at.file,
    line: at.lineOf(path),
    path: formatPath([...at.path, ...path]),
    object,
  });
  return { type: 'image', text, isSure, isLikely, place, isPackaged, at: where };
}

/** Returns `Kind namespace/name`; `undefined` for what is no object of Kubernetes. */
function nameOf({ apiVersion, kind, metadata }: Mapping): string | undefined {
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined;
  const { name, namespace } = isRecord(metadata) ? metadata : {};
  const names = [namespace, name].filter((part) => typeof part === 'string' && part !== '');
  return names.length === 0 ? kind : `${kind} ${names.join('/')}`;
}

/** Yields what some kinds say beside the images that they name. */
async function* factsOf(
  value: Mapping,
  { at, object }: { readonly at: PlacedObject; readonly object: string },
  options: WaitOptions,
): AsyncGenerator<Reading, void, undefined> {
  const [kind, group] = [value['kind'], String(value['apiVersion']).replace(/\/.*$/, '')];
  if (kind === 'Node') yield* nodeOf(value);
  if (kind === 'Setting' && dig(value, 'metadata', 'name') === 'system-default-registry')
    yield* registryOf(textOf(dig(value, 'value')) ?? dig(value, 'default'));
  if (kind === 'Cluster' && group === 'provisioning.cattle.io') {
    yield* registryOf(dig(value, 'spec', 'rkeConfig', 'machineGlobalConfig', 'system-default-registry'));
    yield* releaseOf(dig(value, 'spec', 'kubernetesVersion'), object);
  }
  if (kind === 'ClusterConfiguration') yield* releaseOf(dig(value, 'kubernetesVersion'), object);
  if (kind === 'Kustomization' && group === 'kustomize.config.k8s.io')
    yield {
      type: 'remark',
      message: `${object} of "${at.file}" only points to what it is made of`,
      hint: 'Check what "kubectl kustomize FOLDER" writes.',
    };
  if (kind === 'KubeVirt' && group === 'kubevirt.io') yield* kubeVirtOf(value, { at, object });
  if (kind === 'HelmChart' && group === 'helm.cattle.io') yield* helmChartOf(value, { at, object }, options);
}

function* nodeOf(value: Mapping): Generator<Reading, void, undefined> {
  const [name, os, architecture] = [
    dig(value, 'metadata', 'name'),
    dig(value, 'status', 'nodeInfo', 'operatingSystem'),
    dig(value, 'status', 'nodeInfo', 'architecture'),
  ].map((each) => (typeof each === 'string' ? each : undefined));
  if (name !== undefined && architecture !== undefined)
    yield { type: 'node', name, os: os ?? 'linux', architecture };
}

function* registryOf(value: unknown): Generator<Reading, void, undefined> {
  const host = textOf(value);
  if (host !== undefined) yield { type: 'registry', host };
}

function* releaseOf(version: unknown, object: string): Generator<Reading, void, undefined> {
  if (typeof version !== 'string' || version === '') return;
  yield {
    type: 'remark',
    message: `${object} also asks for the images of Kubernetes ${version}, which it does not name`,
    hint: 'Check the image list of that release as well: --for takes several files.',
  };
}

/** Its operator starts the programs, from where the object says. */
function* kubeVirtOf(
  value: Mapping,
  { at, object }: { readonly at: PlacedObject; readonly object: string },
): Generator<Reading, void, undefined> {
  const found = kubeVirtImages(value['spec']);
  if (found === undefined) return;
  const { images, key } = found;
  // An operator may put a prefix in front of the names, so none is sure.
  for (const text of images)
    yield mentionOf({ text, path: ['spec', key], isSure: false, isLikely: true }, { at, object });
  yield {
    type: 'remark',
    message: `${object} asks for ${images.length === 0 ? 'the' : 'more'} images of its release of KubeVirt, which it does not name`,
    hint: 'Check a list of the images of that release as well: --for takes several files.',
  };
}

/** K3s runs Helm for these: the chart is in the object itself, or somewhere else. */
async function* helmChartOf(
  value: Mapping,
  { at, object }: { readonly at: PlacedObject; readonly object: string },
  options: WaitOptions,
): AsyncGenerator<Reading, void, undefined> {
  const [content, chart] = [dig(value, 'spec', 'chartContent'), dig(value, 'spec', 'chart')];
  if (typeof content !== 'string' || content === '') {
    if (typeof chart !== 'string' || chart === '') return;
    yield {
      type: 'remark',
      message: `${object} installs the chart ${JSON.stringify(chart)}, whose images it does not name`,
      hint: 'Check that chart as well: --for takes several files.',
    };
    return;
  }
  const written = dig(value, 'spec', 'valuesContent');
  const values = typeof written === 'string' ? textValues(written) : undefined;
  const given = {
    file: `${at.file}: ${object}`,
    bytes: Buffer.from(content, 'base64'),
    values: isRecord(values) ? values : undefined,
  };
  for await (const reading of chartReadings(given, options)) {
    if (reading.type !== 'image') yield reading;
    else {
      const { path } = reading.at();
      yield {
        ...reading,
        at: () => ({
          file: at.file,
          line: at.lineOf(['spec', 'chartContent']),
          path: [formatPath([...at.path, 'spec', 'chartContent']), path].filter(Boolean).join(': '),
          object,
        }),
      };
    }
  }
}

function dig(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((one, key) => (isRecord(one) ? one[key] : undefined), value);
}

/** Returns a path as people write it for objects: `spec.containers[0].image`, `data["helperPod.yaml"].spec`. */
function formatPath(path: readonly (string | number)[]): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!/^[\w-]+$/.test(step)) return `[${JSON.stringify(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}
