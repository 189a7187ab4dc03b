import type { PlannedItem } from '../../../src/bundle/format/item.ts';
import { decodeChartYaml } from '../../../src/sources/charts/metadata.ts';
import { planPackedChart } from '../../../src/sources/charts/planned-chart.ts';
import type { PlannedSample } from './items.ts';
import { sampleChart } from '../samples/sample-chart.ts';

/** Returns a packed chart as an item under a name of its own, with an image found in it. */
export function plannedChart(name: string, chart: string, version: string): PlannedSample {
  const yaml = `name: ${chart}\nversion: ${version}\n`;
  const bytes = sampleChart(chart, version, { 'Chart.yaml': yaml });
  const metadata = decodeChartYaml(yaml, chart);
  const images = [{ name: 'docker.io/rancher/one:1.10', methods: ['template', 'values'] as const }];
  const planned = planPackedChart(name, { bytes, metadata, yaml }, images);
  return { planned, contents: contentsOf(planned) };
}

function contentsOf({ blobs }: PlannedItem): PlannedSample['contents'] {
  return blobs.flatMap(({ descriptor, origin }) =>
    origin.type === 'bytes' ? [{ descriptor, bytes: origin.bytes }] : [],
  );
}
