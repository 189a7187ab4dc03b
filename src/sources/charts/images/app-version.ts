import { isRecord } from '../../../internal/json.ts';
import type { ChartContext } from './context.ts';
import { textOf, textValues } from '../../../internal/yaml/text.ts';

/** Returns the `appVersion` of the chart or subchart that a file is in: the usual default for a missing tag. */
export function decodeAppVersion({ chart, texts }: ChartContext, path: string): string | undefined {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  if (folder === '') return chart.appVersion;
  const own = texts.get(`${folder}Chart.yaml`);
  const value = own === undefined ? undefined : textValues(own);
  return isRecord(value) ? textOf(value['appVersion']) : undefined;
}
