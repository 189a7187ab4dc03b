import type { ChartImageMethod } from '../../../bundle/format/item.ts';
import type { ChartTexts } from '../archive.ts';
import type { ChartMetadata } from '../metadata.ts';

/** An image as a chart names it. */
export interface NamedImage {
  readonly text: string;
  readonly method: ChartImageMethod;
  /** `linux` when left out (Rancher, `pkg/image/charts.go`). */
  readonly os?: string | undefined;
}

/** What the ways of finding images work with. */
export interface ChartContext {
  readonly chart: ChartMetadata;
  readonly texts: ChartTexts;
  /** Go over those of the chart; scalars are texts. */
  readonly values?: Readonly<Record<string, unknown>> | undefined;
  readonly onUnread: (path: string) => void;
}
