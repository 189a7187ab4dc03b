import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SaddlebagError } from '../../internal/error.ts';
import { isRecord } from '../../internal/json.ts';
import { type FoundImage, mergeImages, type NamedImage } from './images.ts';
import type { PackedChart } from './planned-chart.ts';
import { runProgram } from './run-program.ts';
import type { SourceContext } from '../source.ts';
import { textDocuments, textOf } from './yaml-values.ts';

/** Ceiling (bytes) of what is rendered: Kubernetes keeps a release of at most 1 MiB packed. */
const OUTPUT_LIMIT = 64 * 1024 * 1024;
const ARGUMENT = /^--[a-z0-9-]+-image=['"]?([^\s'"]+)/;

/**
 * Returns the images of a chart as `helm template` renders it, hooks included, with the values as they are in the chart. Helm is
 * run with folders of its own: no plugin and no setting of this user takes part.
 *
 * @throws `ERR_RENDER_FAILED` when there is no helm on the PATH, or it cannot render the chart
 */
export async function renderedImages(
  { bytes }: Pick<PackedChart, 'bytes'>,
  title: string,
  { env, signal }: Pick<SourceContext, 'env' | 'signal'>,
): Promise<readonly FoundImage[]> {
  const folder = await mkdtemp(join(tmpdir(), 'saddlebag-helm-'));
  const fail = (fact: string, hint: string | undefined, cause?: unknown): never => {
    throw new SaddlebagError('ERR_RENDER_FAILED', `Cannot render ${title}: ${fact}`, { hint, cause });
  };
  try {
    const path = join(folder, 'chart.tgz');
    await writeFile(path, bytes);
    const { status, output, words } = await runProgram('helm', ['template', 'saddlebag', path], {
      env: { ...env, ...foldersIn(folder) },
      outputLimit: OUTPUT_LIMIT,
      onMissing: (cause) =>
        fail('there is no "helm" on the PATH', 'Install helm, or leave "render" out.', cause),
      onTrouble: (fact, cause) => fail(`"helm template" ${fact}`, undefined, cause),
      signal,
    });
    if (status !== 0) return fail(`"helm template" ended with status ${status ?? 'unknown'}: ${words}`, HINT);
    const documents = textDocuments(output) ?? fail('what "helm template" wrote is not YAML', HINT);
    return mergeImages(documents.flatMap((document) => [...imagesIn(document)]));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const HINT = 'A chart that needs values of its own cannot be rendered: leave "render" out.';

/** Every `image` at any depth, and every argument that names one. */
function* imagesIn(root: unknown): Generator<NamedImage, void, undefined> {
  const found: unknown[] = [root];
  for (const value of found) {
    if (isRecord(value)) {
      const text = textOf(value['image']);
      if (text !== undefined) yield { text, method: 'rendered' };
    }
    const argument = typeof value === 'string' ? ARGUMENT.exec(value)?.[1] : undefined;
    if (argument !== undefined) yield { text: argument, method: 'rendered' };
    if (typeof value === 'object' && value !== null) found.push(...Object.values(value));
  }
}

/** The folders Helm reads settings and plugins from (Helm, "Environment variables"). */
function foldersIn(folder: string): Readonly<Record<string, string>> {
  const names = ['HELM_CACHE_HOME', 'HELM_CONFIG_HOME', 'HELM_DATA_HOME', 'HELM_PLUGINS'];
  return Object.fromEntries(names.map((name) => [name, join(folder, name.toLowerCase())]));
}
