import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import type { PlannedItem } from '../../../src/bundle/format/item.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { decodeHelmIndex } from '../../../src/sources/charts/repository/index.ts';
import { plannedChart } from '../../support/planned/chart.ts';
import type { PlannedSample } from '../../support/planned/items.ts';
import { pushedChart, sampleChart } from '../../support/samples/sample-chart.ts';
import { startServing } from '../../support/sites/serving.ts';

const archive = sampleChart('app', '1.0.0');

describe('the index of charts', () => {
  it('is read by our own client of Helm repositories, and leads to the archives', async () => {
    const samples = [
      plannedChart('a.example/x/app:1.0.0_b1', 'app', '1.0.0+b1'),
      plannedChart('a.example/x/app:2.0.0', 'app', '2.0.0'),
    ];
    await using serving = await startServing({ bundles: [samples] });
    const bytes = new Uint8Array(await (await serving.get('/charts/index.yaml')).arrayBuffer());
    const { names, entries } = decodeHelmIndex(bytes, 'app', 'index.yaml');
    expect(names).toEqual(['app']);
    expect(entries.map(({ version }) => version).sort()).toEqual(['1.0.0+b1', '2.0.0']);
    for (const { url, digest } of entries) {
      const response = await serving.get(`/charts/${url}`);
      expect(digestOf(new Uint8Array(await response.arrayBuffer()))).toBe(digest);
    }
  });

  it('has what a chart says of itself, in a form that every reader of YAML takes', async () => {
    const description = 'a\u0085b\u2028c\ud800 "quoted": {}';
    await using serving = await startServing({
      bundles: [[chartWith({ description, name: 'lies', version: '9' })]],
    });
    const text = await (await serving.get('/charts/index.yaml')).text();
    // oxlint-disable-next-line no-control-regex -- they are what must not be there
    expect(text).not.toMatch(/[\u007F-\u009F\u2028\u2029\uFEFF]|\\ud[89a-f]/i);
    expect(parseYaml(text)).toMatchObject({
      apiVersion: 'v1',
      entries: {
        app: [{ name: 'app', version: '1.0.0', description: 'a\u0085b\u2028c\ufffd "quoted": {}' }],
      },
    });
  });

  it.each([
    ['no JSON', Buffer.from('name: app')],
    ['nested without end', Buffer.from('['.repeat(200_000) + ']'.repeat(200_000))],
  ])('goes without a chart whose config is %s', async (_, config) => {
    const samples = [chartWith(config), plannedChart('a.example/x/other:1.0.0', 'other', '1.0.0')];
    await using serving = await startServing({ bundles: [samples] });
    const index: unknown = await (await serving.get('/charts/index.yaml')).json();
    const other = { other: [expect.objectContaining({ version: '1.0.0' })] };
    expect(index).toEqual({ apiVersion: 'v1', entries: expect.objectContaining(other) });
    expect(JSON.stringify(index).length).toBeLessThan(2000);
  });

  it('has a chart once that two registries have, and it is the first of them', async () => {
    const samples = [
      plannedChart('a.example/app:1.0.0', 'app', '1.0.0'),
      plannedChart('b.example/app:1.0.0', 'app', '1.0.0'),
    ];
    await using serving = await startServing({ bundles: [samples] });
    const index: unknown = await (await serving.get('/charts/index.yaml')).json();
    expect(index).toMatchObject({ entries: { app: [{ version: '1.0.0' }] } });
  });
});

/** A chart as somebody pushed it, with a config of one's own. */
function chartWith(config: Uint8Array | object): PlannedSample {
  const bytes = config instanceof Uint8Array ? config : Buffer.from(JSON.stringify(config));
  const { root, blobs, manifests } = pushedChart('app', '1.0.0', archive, bytes);
  const contents = [...blobs, ...manifests];
  const item: PlannedItem['item'] = {
    kind: 'chart',
    name: 'a.example/x/app:1.0.0',
    descriptor: root,
    audience: ['registry'],
    chart: 'app',
    version: '1.0.0',
  };
  const planned = contents.map(({ descriptor, bytes: content }) => ({
    descriptor,
    origin: { type: 'bytes', bytes: content } as const,
  }));
  return { planned: { item, blobs: planned }, contents };
}
