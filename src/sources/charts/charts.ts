import type { PlannedItem } from '../../bundle/format/item.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { collectProblems } from '../../internal/problems.ts';
import { redactUrl } from '../../internal/http/redact.ts';
import { digestOf } from '../../oci/digest.ts';
import { MEDIA_TYPE } from '../../oci/media-type.ts';
import { formatReference, type Reference } from '../../oci/reference.ts';
import type { ChartPart, LocalChart, RepositoryChart } from './part.ts';
import { parseChartReference } from './reference.ts';
import { readChartArchive } from './archive.ts';
import type { FoundImage } from './images/find.ts';
import { chartImages } from './images/wants.ts';
import { decodeChartYaml } from './metadata.ts';
import { chartName } from './name.ts';
import { fetchRoot } from '../images/root.ts';
import { type PackedChart, planPackedChart, planPushedChart } from './planned-chart.ts';
import { CHART } from './location.ts';
import type { ChartLocation } from './question.ts';
import type { SourceContext } from '../source.ts';
import type { ChartTexts } from './archive.ts';
import { isChartManifest } from '../../bundle/format/chart-files.ts';

/** The charts of a spec, and the local packed charts and values files by their path in the spec. */
export interface ChartsPart {
  readonly charts: readonly ChartPart[];
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** A chart with the images it needs. */
export interface ResolvedChart {
  readonly planned: PlannedItem;
  readonly images: readonly FoundImage[];
  /** Names that only look like images. */
  readonly lookalikes: readonly string[];
}

/**
 * Turns charts into items and finds the images they name.
 *
 * @throws `ProblemsError` with every chart that cannot be fetched or read
 */
export async function resolveCharts(
  part: ChartsPart,
  context: SourceContext,
): Promise<readonly ResolvedChart[]> {
  const tasks = part.charts.map(async (chart) => {
    const wish = {
      part: chart,
      values: chart.values === undefined ? undefined : part.files.get(chart.values),
    };
    if ('path' in chart)
      return await resolveLocal(wish, { chart, bytes: part.files.get(chart.path) }, context);
    return 'reference' in chart
      ? await resolvePushed(wish, parseChartReference(chart.reference), context)
      : await resolveListed(wish, chart, context);
  });
  return await collectProblems(tasks, {
    code: 'ERR_RESOLVE_FAILED',
    message: () => 'Cannot resolve "charts"',
  });
}

/** A chart from the spec, with its values (YAML). */
interface Wish {
  readonly part: ChartPart;
  readonly values: Uint8Array | undefined;
}

async function resolveLocal(
  wish: Wish,
  { chart: { path }, bytes }: { readonly chart: LocalChart; readonly bytes: Uint8Array | undefined },
  context: SourceContext,
): Promise<ResolvedChart> {
  const title = `chart "${path}"`;
  if (bytes === undefined)
    throw new SaddlebagError('ERR_CONTENT_NOT_FOUND', `Cannot resolve ${title}: nobody read it`);
  const { digest } = await context.ask(CHART, { path, digest: digestOf(bytes) });
  requireDigest(bytes, { digest }, title);
  return await planPacked(bytes, { wish, title, repository: undefined }, context);
}

async function resolveListed(
  wish: Wish,
  { repository, name, version }: RepositoryChart,
  context: SourceContext,
): Promise<ResolvedChart> {
  const title = `chart "${name}" ${version} of "${redactUrl(repository)}"`;
  const location = await context.ask(CHART, { repository, name, version });
  const { url = '' } = location;
  if (url.startsWith('oci:')) return await resolvePushed(wish, parseChartReference(url), context);
  const bytes = await context.web.document(url, context);
  requireDigest(bytes, location, title);
  return await planPacked(bytes, { wish, title, repository }, context);
}

async function resolvePushed(
  wish: Wish,
  reference: Reference,
  context: SourceContext,
): Promise<ResolvedChart> {
  const { part, values } = wish;
  const name = formatReference(reference);
  const title = `chart "${name}"`;
  const root = await fetchRoot({ reference, name }, context);
  const found = isChartManifest(root.document)
    ? root.document.layers.find(({ mediaType }) => mediaType === MEDIA_TYPE.helmChart)
    : undefined;
  // Without a chart layer, planning it reports the problem in better words.
  if (found === undefined)
    return { planned: await planPushedChart(name, { reference, root }, context), images: [], lookalikes: [] };
  const bytes = await context.images.document(reference, found, context);
  const { packed, texts } = await unpack(bytes, title, context);
  const { images, lookalikes } = await chartImages({ packed, texts, title, part, values }, context);
  return { planned: await planPushedChart(name, { reference, root, images }, context), images, lookalikes };
}

async function planPacked(
  bytes: Uint8Array,
  from: { readonly wish: Wish; readonly title: string; readonly repository: string | undefined },
  context: SourceContext,
): Promise<ResolvedChart> {
  const { wish, title, repository } = from;
  const { part, values } = wish;
  const { packed, texts } = await unpack(bytes, title, context);
  const { images, lookalikes } = await chartImages({ packed, texts, title, part, values }, context);
  return {
    planned: planPackedChart(chartName(packed.metadata, repository), packed, images),
    images,
    lookalikes,
  };
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
      hint: 'It is not what the index of its repository, or the lock, says. Try again, then ask whoever publishes it.',
    },
  );
}
