import { formatCount } from '../../../internal/format.ts';
import { isRecord } from '../../../internal/json.ts';
import { textValues } from '../../../internal/yaml/text.ts';
import { compareText } from '../../../internal/order.ts';
import type { ChartPart } from '../part.ts';
import type { ChartTexts } from '../archive.ts';
import { type FoundImage, findChartImages, fullName } from './find.ts';
import { renderedImages } from './helm-template.ts';
import type { PackedChart } from '../planned-chart.ts';
import type { SourceContext } from '../../source.ts';

/** A chart, and what a spec says about it. */
export interface ChartWants {
  readonly packed: PackedChart;
  readonly texts: ChartTexts;
  readonly part: ChartPart;
  readonly title: string;
  /** Override those of the chart: YAML. */
  readonly values?: Uint8Array | undefined;
}

/** The images a chart needs. */
export interface WantedOfChart {
  /** Sorted by name. */
  readonly images: readonly FoundImage[];
  /** Names that only look like an image, which alone is no reason to fetch them. */
  readonly lookalikes: readonly string[];
}

/** Returns the images a chart needs; warns of what was unclear about them. */
export async function chartImages(
  { packed, texts, part, title, values }: ChartWants,
  context: SourceContext,
): Promise<WantedOfChart> {
  const given = values === undefined ? {} : textValues(Buffer.from(values).toString('utf8'));
  const found = findChartImages(packed.metadata, texts, isRecord(given) ? given : {});
  const { images: read, unread } = found;
  for (const path of unread) {
    context.warn({
      level: 'warning',
      message: `Cannot read ${path} of ${title}: some images that it names cannot be found`,
      hint: 'Name what is missing under "images", or use "render: true".',
    });
  }
  const wanted = (image: FoundImage): boolean => !excludes(part.exclude, image.name);
  const { bytes, metadata } = packed;
  const chart = { bytes, values, kubeVersion: part.kubeVersion, kubeRange: metadata.kubeVersion };
  const rendered = part.render ? await renderedImages(chart, title, context) : undefined;
  if (read.length === 0 && (rendered?.images ?? []).length === 0) {
    context.warn({
      level: 'warning',
      message: `No image was found in ${title}`,
      hint: 'If it has any, name them under "images".',
    });
  }
  const ofText = read.filter(wanted);
  const images =
    rendered === undefined
      ? ofText
      : compare({ title, read: ofText, rendered: rendered.images.filter(wanted) }, context);
  const lookalikes = [...found.lookalikes, ...(rendered?.lookalikes ?? []).map(fullName)].filter(
    (name) => name !== undefined && !excludes(part.exclude, name),
  );
  return { images, lookalikes: lookalikes.filter((name) => name !== undefined) };
}

/** Takes both: what was read may be switched on later, and only rendering finds names that a template assembles. */
function compare(
  found: {
    readonly title: string;
    readonly read: readonly FoundImage[];
    readonly rendered: readonly FoundImage[];
  },
  context: SourceContext,
): readonly FoundImage[] {
  const { title, read, rendered } = found;
  const readNames = new Set(read.map(({ name }) => name));
  const names = new Set(rendered.map(({ name }) => name));
  const onlyRendered = rendered.filter(({ name }) => !readNames.has(name));
  const onlyRead = read.filter(({ name }) => !names.has(name));
  tell(onlyRendered, `of ${title} found only by "helm template"`, context);
  tell(onlyRead, `of ${title} not used by "helm template" with these values`, context);
  const both = read.map((image) =>
    names.has(image.name)
      ? { ...image, methods: [...image.methods, 'rendered' as const].sort(compareText) }
      : image,
  );
  return [...both, ...onlyRendered].sort((left, right) => compareText(left.name, right.name));
}

function tell(images: readonly FoundImage[], fact: string, context: SourceContext): void {
  if (images.length === 0) return;
  const list = images.map(({ name }) => name).join(', ');
  context.warn({
    level: 'warning',
    message: `${formatCount(images.length, 'image')} ${fact}: ${list}`,
    hint: 'They are in the bundle; "exclude" beside the chart leaves out what is not wanted.',
  });
}

function excludes(exclude: readonly string[], name: string): boolean {
  return exclude.some((text) => {
    const full = fullForm(text);
    return name === full || name.startsWith(`${full}:`) || name.startsWith(`${full}@`);
  });
}

/** Short names are Docker Hub's here too. */
function fullForm(text: string): string {
  const first = text.split('/')[0] ?? '';
  const isHost = text.includes('/') && /[.:]|^localhost$/.test(first);
  if (isHost) return text;
  return text.includes('/') ? `docker.io/${text}` : `docker.io/library/${text}`;
}
