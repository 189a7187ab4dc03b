import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readChartFiles } from '../../../src/sources/charts/files.ts';
import { hintsOf, problemsOf } from '../../support/thrown.ts';
import { temporaryFolder } from '../../support/temporary.ts';

describe('the values of a chart', () => {
  const CHART = {
    repository: 'https://x',
    name: 'a',
    version: '1.0.0',
    values: './values.yaml',
    render: false,
    exclude: [],
  };
  const load = async (folder: string): Promise<ReadonlyMap<string, Uint8Array>> =>
    await readChartFiles([CHART], {
      pathOf: (written) => join(folder, written),
      placeOf: (path) => `at ${path.join('.')}`,
    });

  it.each(['hostname: a.lan\n', '# nothing\n', '{}\n'])(
    'are read from the folder of the spec: %j',
    async (text) => {
      using folder = temporaryFolder();
      writeFileSync(join(folder.path, 'values.yaml'), text);
      const charts = await load(folder.path);
      expect(Buffer.from(charts.get('./values.yaml') ?? []).toString()).toBe(text);
    },
  );

  it.each([
    ['- a\n', 'it is not a mapping'],
    ['a: [\n', 'it is not a mapping'],
  ])('are refused when they are %j', async (text, fact) => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'values.yaml'), text);
    expect(await problemsOf(load(folder.path))).toEqual([expect.stringContaining(fact)]);
  });

  it('are refused when they are missing, with the place that names them', async () => {
    using folder = temporaryFolder();
    const loading = load(folder.path);
    expect(await problemsOf(loading)).toEqual([expect.stringContaining('there is no such file')]);
    expect(await hintsOf(loading)).toEqual(['It is named at at charts.0.values.']);
  });
});
