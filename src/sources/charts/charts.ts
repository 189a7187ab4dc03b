import type { PlannedItem } from '../../bundle/format/item.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { collectProblems } from '../../internal/problems.ts';
import { redactUrl } from '../../internal/http/redact.ts';
import { digestOf } from '../../oci/digest.ts';
import { MEDIA_TYPE } from '../../oci/media-type.ts';
import { formatReference, type Reference } from '../../oci/reference.ts';
import type { ChartPart, LocalChart, RegistryChart, RepositoryChart } from '../../spec/parts/charts.ts';
import { parseChartReference } from '../../spec/parts/chart-reference.ts';
import { readChartArchive } from './archive.ts';
import type { FoundImage } from './images.ts';
import { chartImages } from './wants.ts';
import { decodeChartYaml } from './metadata.ts';
import { chartName } from './name.ts';
import { fetchRoot } from '../images/root.ts';
import { type PackedChart, planPackedChart, planPushedChart } from './planned-chart.ts';
import type { ChartLocation, SourceContext } from '../source.ts';
import type { ChartTexts } from './archive.ts';
import { isChartManifest } from '../../bundle/format/chart-files.ts';

/** The charts of a spec, and the packed ones of this machine by the path that the spec has. */
export interface ChartsPart {
  readonly charts: readonly ChartPart[];
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** A chart with the images that are wanted for it. */
export interface ResolvedChart {
  readonly planned: PlannedItem;
  readonly images: readonly FoundImage[];
}

/**
 * Turns charts into items and finds the images they name.
 *
 * @throws `ProblemsError` with every chart that cannot be had or read
 */
export async function resolveCharts(
  part: ChartsPart,
  context: SourceContext,
): Promise<readonly ResolvedChart[]> {
  const tasks = part.charts.map(async (chart) => {
    if ('path' in chart) return await resolveLocal(chart, part.files.get(chart.path), context);
    return 'reference' in chart
      ? await resolvePushed(chart, parseChartReference(chart.reference), context)
      : await resolveListed(chart, context);
  });
  return await collectProblems(tasks, {
    code: 'ERR_RESOLVE_FAILED',
    message: () => 'Cannot resolve "charts"',
  });
}

async function resolveLocal(
  part: LocalChart,
  bytes: Uint8Array | undefined,
  context: SourceContext,
): Promise<ResolvedChart> {
  const title = `chart "${part.path}"`;
  if (bytes === undefined)
    throw new SaddlebagError('ERR_CONTENT_NOT_FOUND', `Cannot resolve ${title}: nobody read it`);
  const { digest } = await context.charts.find({ path: part.path, digest: digestOf(bytes) }, context);
  requireDigest(bytes, { digest }, title);
  return await planPacked(bytes, { part, title, repository: undefined }, context);
}

async function resolveListed(part: RepositoryChart, context: SourceContext): Promise<ResolvedChart> {
  const { repository, name, version } = part;
  const title = `chart "${name}" ${version} of "${redactUrl(repository)}"`;
  const location = await context.charts.find({ repository, name, version }, context);
  const { url = '' } = location;
  if (url.startsWith('oci:')) return await resolvePushed(part, parseChartReference(url), context);
  const bytes = await context.web.document(url, context);
  requireDigest(bytes, location, title);
  return await planPacked(bytes, { part, title, repository }, context);
}

async function resolvePushed(
  part: RepositoryChart | RegistryChart,
  reference: Reference,
  context: SourceContext,
): Promise<ResolvedChart> {
  const name = formatReference(reference);
  const title = `chart "${name}"`;
  const root = await fetchRoot({ reference, name }, context);
  const found = isChartManifest(root.document)
    ? root.document.layers.find(({ mediaType }) => mediaType === MEDIA_TYPE.helmChart)
    : undefined;
  // Without a chart in it, the plan has the better words for what is wrong.
  if (found === undefined)
    return { planned: await planPushedChart(name, { reference, root }, context), images: [] };
  const bytes = await context.images.document(reference, found, context);
  const { packed, texts } = await unpack(bytes, title, context);
  const images = await chartImages({ packed, texts, part, title }, context);
  return { planned: await planPushedChart(name, { reference, root, images }, context), images };
}

async function planPacked(
  bytes: Uint8Array,
  from: { readonly part: ChartPart; readonly title: string; readonly repository: string | undefined },
  context: SourceContext,
): Promise<ResolvedChart> {
  const { part, title, repository } = from;
  const { packed, texts } = await unpack(bytes, title, context);
  const images = await chartImages({ packed, texts, part, title }, context);
  return { planned: planPackedChart(chartName(packed.metadata, repository), packed, images), images };
}

async function unpack(
  bytes: Uint8Array,
  title: string,
  context: SourceContext,
): Promise<{ readonly packed: PackedChart; readonly texts: ChartTexts }> {
  const texts = await readChartArchive(bytes, title, context);
  const yaml = texts.get('Chart.yaml') ?? '';
  return { packed: { bytes, yaml, metadata: decodeChartYaml(yaml, title) }, texts };
}

function requireDigest(bytes: Uint8Array, { digest }: ChartLocation, title: string): void {
  const found = digestOf(bytes);
  if (digest === undefined || digest === found) return;
  throw new SaddlebagError(
    'ERR_DIGEST_MISMATCH',
    `Cannot verify ${title}: expected "${digest}", found "${found}"`,
    {
      hint: 'It is not what the index of its repository, or the lock, says. Try again, then ask who publishes it.',
    },
  );
}
