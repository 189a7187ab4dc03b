import type { ChartImageMethod } from '../../../bundle/format/item.ts';
import type { ChartTexts } from '../archive.ts';
import type { ChartMetadata } from '../metadata.ts';

/** An image as the chart writes it. */
export interface NamedImage {
  readonly text: string;
  readonly method: ChartImageMethod;
  /** `linux` when left out (Rancher, `pkg/image/charts.go`). */
  readonly os?: string | undefined;
}

/** The input of every way to find images. */
export interface ChartContext {
  readonly chart: ChartMetadata;
  readonly texts: ChartTexts;
  /** Override those of the chart; scalars are strings. */
  readonly values?: Readonly<Record<string, unknown>> | undefined;
  readonly onUnread: (path: string) => void;
}
