import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readChartArchive } from '../../../src/sources/charts/archive.ts';
import { packEntries, sampleChart } from '../../support/samples/sample-chart.ts';
import { thrownBy } from '../../support/thrown.ts';

const CHART = { path: 'app/Chart.yaml', content: 'name: app\nversion: 1.0.0\n' };

async function failureOf(bytes: Uint8Array): Promise<string> {
  const { code, message } = await thrownBy(readChartArchive(bytes, 'chart "app"'));
  return `${code} ${message}`;
}

describe('a packed chart', () => {
  it('gives the files that images can be found in, without its folder', async () => {
    const bytes = sampleChart('app', '1.0.0', {
      'values.yaml': 'a: 1\n',
      'templates/a.yaml': 'kind: Pod\n',
      'templates/_helpers.tpl': '{{/* */}}\n',
      'images.lock': 'a:1\n',
      'README.md': 'image: a:1\n',
      'charts/sub/values.yaml': 'b: 2\n',
    });
    const texts = await readChartArchive(bytes, 'chart "app"');
    expect([...texts.keys()].sort()).toEqual([
      'Chart.yaml',
      'charts/sub/values.yaml',
      'images.lock',
      'templates/_helpers.tpl',
      'templates/a.yaml',
      'values.yaml',
    ]);
  });

  it('gives those of subcharts that are packed in turn', async () => {
    const inner = sampleChart('inner', '3.0.0', { 'values.yaml': 'c: 3\n' });
    const sub = sampleChart('sub', '2.0.0', { 'values.yaml': 'b: 2\n', 'charts/inner-3.0.0.tgz': inner });
    const texts = await readChartArchive(
      sampleChart('app', '1.0.0', { 'charts/sub-2.0.0.tgz': sub }),
      'chart',
    );
    expect(texts.get('charts/sub-2.0.0/values.yaml')).toBe('b: 2\n');
    expect(texts.get('charts/sub-2.0.0/charts/inner-3.0.0/values.yaml')).toBe('c: 3\n');
  });

  it('may hold links and folders, of which nothing is read', async () => {
    const bytes = packEntries([
      { path: 'app/', type: 'Directory' },
      CHART,
      { path: 'app/values.yaml', type: 'SymbolicLink' },
    ]);
    expect([...(await readChartArchive(bytes, 'chart')).keys()]).toEqual(['Chart.yaml']);
  });
});

describe('what is not a chart', () => {
  it('is refused when it is not gzip, or breaks off', async () => {
    expect(await failureOf(Buffer.from('plain'))).toMatch(
      /^ERR_ARCHIVE_INVALID Cannot read chart "app": it is not/,
    );
    const whole = sampleChart('app', '1.0.0', { 'values.yaml': 'a: 1\n'.repeat(2000) });
    expect(await failureOf(whole.subarray(0, whole.length >> 1))).toMatch(
      /^ERR_ARCHIVE_INVALID .*it is not a packed chart/,
    );
  });

  it('is refused when there is no tar in it, or a second gzip', async () => {
    expect(await failureOf(gzipSync('text'))).toBe(
      'ERR_ARCHIVE_INVALID Cannot read chart "app": it is not a tar archive',
    );
    expect(await failureOf(gzipSync(sampleChart('app', '1.0.0')))).toMatch(/it is not a tar archive/);
    expect(await failureOf(gzipSync(''))).toMatch(/it is empty/);
  });

  it('is refused when its tar breaks off', async () => {
    const { gunzipSync } = await import('node:zlib');
    const tar = gunzipSync(packEntries([CHART, { path: 'app/values.yaml', content: 'a: 1\n'.repeat(500) }]));
    expect(await failureOf(gzipSync(tar.subarray(0, 2048)))).toMatch(
      /ERR_ARCHIVE_INVALID .*not a tar archive/,
    );
  });

  it('is refused without a Chart.yaml', async () => {
    expect(await failureOf(packEntries([{ path: 'app/values.yaml', content: 'a: 1\n' }]))).toMatch(
      /no Chart.yaml/,
    );
  });
});

describe('a hostile chart', () => {
  it.each([
    '../evil/values.yaml',
    'app/../../values.yaml',
    '/etc/values.yaml',
    'app\\..\\values.yaml',
    'C:/values.yaml',
  ])('is refused when it leads elsewhere: %s', async (path) => {
    expect(await failureOf(packEntries([CHART, { path, content: 'a: 1\n' }]))).toMatch(/leads out of it/);
  });

  it('is refused when it has a file twice, also by way of two folders', async () => {
    expect(await failureOf(packEntries([CHART, CHART]))).toMatch(/"app\/Chart.yaml" twice/);
    expect(await failureOf(packEntries([CHART, { ...CHART, path: 'b/Chart.yaml' }]))).toMatch(
      /"Chart.yaml" twice/,
    );
  });

  it('is refused when a file is larger than one can be', async () => {
    const large = { path: 'app/values.yaml', content: Buffer.alloc(5 * 1024 * 1024 + 1, 'a') };
    expect(await failureOf(packEntries([CHART, large]))).toMatch(/larger than 5242880 bytes/);
  });

  it('is refused when it unpacks to more than a chart can be', async () => {
    const bomb = { path: 'app/blob.bin', content: Buffer.alloc(101 * 1024 * 1024) };
    expect(await failureOf(packEntries([CHART, bomb]))).toMatch(/unpacked it is larger than 104857600 bytes/);
  });

  it('is refused when packed charts nest without end', async () => {
    let bytes = sampleChart('app', '1.0.0');
    for (let depth = 0; depth < 5; depth++)
      bytes = sampleChart('app', '1.0.0', { 'charts/app-1.0.0.tgz': bytes });
    expect(await failureOf(bytes)).toMatch(/subcharts lie more than 4 deep/);
  });

  it('is left alone when the work is interrupted', async () => {
    const error = await thrownBy(
      readChartArchive(sampleChart('app', '1.0.0'), 'chart', { signal: AbortSignal.abort() }),
    );
    expect(error.code).toBe('ERR_INTERRUPTED');
  });
});
