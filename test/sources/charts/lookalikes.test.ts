import { describe, expect, it } from 'vitest';
import { resolveCharts } from '../../../src/sources/charts/charts.ts';
import { tellLookalikes } from '../../../src/sources/charts/images/lookalikes.ts';
import { plannedImage } from '../../support/planned/items.ts';
import { sampleChart } from '../../support/samples/sample-chart.ts';
import { startBench } from '../../support/sites/source-context.ts';

const CHART = sampleChart('app', '1.0.0', {
  'templates/a.yaml':
    'image: quay.io/lab/one:1\ndata:\n  a: quay.io/lab/proxy:2\n  b: "quay.io/lab/other:3"\n',
});

async function told(exclude: readonly string[], carried: readonly string[]): Promise<readonly string[]> {
  await using bench = await startBench();
  const charts = [{ path: 'a.tgz', render: false, exclude }];
  const resolved = await resolveCharts({ charts, files: new Map([['a.tgz', CHART]]) }, bench.context);
  tellLookalikes(
    resolved,
    carried.map((name) => plannedImage(name).planned),
    bench.context,
  );
  return bench.warnings.map(({ message }) => message);
}

describe('texts of a chart that look like images', () => {
  it('are reported with their names, once for the chart', async () => {
    expect(await told([], [])).toEqual([
      '2 texts in chart "localhost/charts/app:1.0.0" may be images and are not in the bundle: quay.io/lab/other:3, quay.io/lab/proxy:2',
    ]);
  });

  it('are not told when the bundle has them, or the spec excludes them', async () => {
    expect(await told(['quay.io/lab/proxy'], ['quay.io/lab/other:3'])).toEqual([]);
  });
});
