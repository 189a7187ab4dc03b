import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { satisfies, validRange } from 'semver';
import { SaddlebagError } from '../../../internal/error.ts';
import { type FoundImage, mergeImages } from './find.ts';
import type { NamedImage } from './context.ts';
import type { PackedChart } from '../planned-chart.ts';
import { runProgram } from './run-program.ts';
import type { SourceContext } from '../../source.ts';
import { textDocuments } from '../../../internal/yaml/text.ts';
import { imagesIn } from '../../../products/kubernetes/images.ts';

/** A chart, and what to render it for. */
export interface RenderedChart extends Pick<PackedChart, 'bytes'> {
  /** YAML. */
  readonly values?: Uint8Array | undefined;
  /** `v1.31`; when left out, the newest version the chart supports. */
  readonly kubeVersion?: string | undefined;
  /** `kubeVersion` of its `Chart.yaml`, such as `>= 1.21.0-0 < 1.31.0-0`. */
  readonly kubeRange?: string | undefined;
}

/** What a rendered chart names, and texts in it that only look like an image. */
export interface RenderedFinds {
  readonly images: readonly FoundImage[];
  readonly lookalikes: readonly string[];
}

/** Ceiling (bytes) of the rendered output: Kubernetes stores a release of at most 1 MiB packed. */
const OUTPUT_LIMIT = 64 * 1024 * 1024;

/**
 * Returns the images of a chart as `helm template` renders it, hooks and CRDs included, with the chart's values and the given
 * ones. Helm runs with folders of its own, so no plugin or setting of this user takes effect.
 *
 * @throws `ERR_RENDER_FAILED` when there is no helm on the PATH, or it cannot render the chart
 */
export async function renderedImages(
  chart: RenderedChart,
  title: string,
  { env, signal }: Pick<SourceContext, 'env' | 'signal'>,
): Promise<RenderedFinds> {
  const folder = await mkdtemp(join(tmpdir(), 'saddlebag-helm-'));
  const fail = (fact: string, hint: string | undefined, cause?: unknown): never => {
    throw new SaddlebagError('ERR_RENDER_FAILED', `Cannot render ${title}: ${fact}`, { hint, cause });
  };
  try {
    const path = join(folder, 'chart.tgz');
    await writeFile(path, chart.bytes);
    const version = chart.kubeVersion ?? versionWithin(chart.kubeRange);
    const args = ['template', 'saddlebag', path, '--include-crds'];
    if (version !== undefined) args.push('--kube-version', version);
    if (chart.values !== undefined) {
      await writeFile(join(folder, 'values.yaml'), chart.values);
      args.push('--values', join(folder, 'values.yaml'));
    }
    const { status, output, words } = await runProgram('helm', args, {
      env: { ...env, ...foldersIn(folder) },
      outputLimit: OUTPUT_LIMIT,
      onMissing: (cause) =>
        fail('there is no "helm" on the PATH', 'Install helm, or leave "render" out.', cause),
      onTrouble: (fact, cause) => fail(`"helm template" ${fact}`, undefined, cause),
      signal,
    });
    if (status !== 0)
      return fail(`"helm template" ended with status ${status ?? 'unknown'}: ${words}`, hintFor(words));
    const documents = textDocuments(output) ?? fail('what "helm template" wrote is not YAML', VALUES_HINT);
    const sightings = documents.flatMap((document) => [...imagesIn(document, { thorough: true })]);
    const named = sightings.filter(({ isSure }) => isSure);
    return {
      images: mergeImages(named.map(({ text }): NamedImage => ({ text, method: 'rendered' }))),
      lookalikes: sightings.filter(({ isSure }) => !isSure).map(({ text }) => text),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const VALUES_HINT =
  'If the chart needs values of yours, give "values" beside "render"; otherwise leave "render" out.';

/** A chart declares the versions it supports; unless told otherwise, Helm renders for the version it was built with. */
function hintFor(words: string): string {
  return /kube-?version/i.test(words)
    ? 'Give the version of Kubernetes that it is for: "kubeVersion" beside "render".'
    : VALUES_HINT;
}

/** Kubernetes 1.0 to 1.60: room for versions that do not exist yet. */
const NEWEST_MINOR = 60;

/** Returns the newest version that a chart says it supports; `undefined` when it says nothing, or nothing readable. */
function versionWithin(range: string | undefined): string | undefined {
  if (range === undefined) return undefined;
  // Helm joins conditions with commas, npm with spaces.
  const readable = validRange(range.replaceAll(',', ' '), { includePrerelease: true });
  if (readable === null) return undefined;
  for (let minor = NEWEST_MINOR; minor >= 0; minor -= 1)
    if (satisfies(`1.${minor}.0`, readable, { includePrerelease: true })) {
      // Without an upper bound, Helm's own version is as good as any.
      return minor === NEWEST_MINOR ? undefined : `1.${minor}.0`;
    }
  return undefined;
}

/** The folders from which Helm reads settings and plugins (Helm, "Environment variables"). */
function foldersIn(folder: string): Readonly<Record<string, string>> {
  const names = ['HELM_CACHE_HOME', 'HELM_CONFIG_HOME', 'HELM_DATA_HOME', 'HELM_PLUGINS'];
  return Object.fromEntries(names.map((name) => [name, join(folder, name.toLowerCase())]));
}
