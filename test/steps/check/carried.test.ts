import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openBundle } from '../../../src/bundle/open.ts';
import { decodeChartYaml } from '../../../src/sources/charts/metadata.ts';
import { planPackedChart } from '../../../src/sources/charts/planned-chart.ts';
import { missingOfCarried } from '../../../src/steps/check/carried.ts';
import { plannedFile, plannedImage, type PlannedSample } from '../../support/planned/items.ts';
import { sampleBundle } from '../../support/samples/sample-bundle.ts';
import { sampleChart } from '../../support/samples/sample-chart.ts';
import { k3sSample } from '../../support/samples/target-samples.ts';
import { temporaryFolder } from '../../support/temporary.ts';

/** A chart with these images in its values, of which the spec wanted all but those of Windows. */
function chartWith(...images: readonly string[]): PlannedSample {
  const yaml = 'name: app\nversion: 1.0.0\n';
  const values = images.map((name, at) => `i${at}: {image: "${name}"}\n`).join('');
  const bytes = sampleChart('app', '1.0.0', {
    'Chart.yaml': yaml,
    'values.yaml': `${values}w: {repository: rancher/wins, tag: v1, os: windows}\nx: {image: "team/excluded:1"}\n`,
  });
  const found = ['docker.io/rancher/wins:v1', ...images.map((name) => `docker.io/${name}`)];
  const planned = planPackedChart(
    'localhost/charts/app:1.0.0',
    { bytes, metadata: decodeChartYaml(yaml, 'app'), yaml },
    found.map((name) => ({ name, methods: ['values'] as const })),
  );
  const contents = planned.blobs.flatMap(({ descriptor, origin }) =>
    origin.type === 'bytes' ? [{ descriptor, bytes: origin.bytes }] : [],
  );
  return { planned, contents };
}

async function warningsOf(samples: readonly PlannedSample[]): Promise<readonly string[]> {
  using folder = temporaryFolder();
  const path = join(folder.path, 'lab.tar');
  writeFileSync(path, sampleBundle([plannedImage('docker.io/team/there:1'), ...samples]).tar);
  await using bundle = await openBundle(path);
  return (await missingOfCarried(bundle)).map(({ message }) => message);
}

const manifest = (image: string): PlannedSample =>
  plannedFile(
    'manifests',
    Buffer.from(`apiVersion: v1\nkind: Pod\nspec: {containers: [{image: "${image}"}]}\n`),
  );

describe('an install looks through what the bundle carries', () => {
  it.each([
    ['a chart whose images are there', [chartWith('team/there:1')], []],
    [
      'a chart with one that is not, which is neither for Windows nor left out',
      [chartWith('team/there:1', 'team/gone:1')],
      [
        /^1 image that chart "localhost\/charts\/app:1.0.0" asks for is not in the bundle: docker.io\/team\/gone:1$/,
      ],
    ],
    ['a manifest whose image is there', [manifest('team/there:1')], []],
    [
      'a manifest whose image is not',
      [manifest('team/gone:1')],
      [/a manifest asks for.*docker.io\/team\/gone:1/],
    ],
    [
      'a manifest whose image nodes import with their release',
      [manifest('rancher/shell:v1'), k3sSample('v1.31.2+k3s1', { imageList: 'rancher/shell:v1\n' })],
      [],
    ],
    ['a file of another name', [plannedFile('pod.yaml', Buffer.from('image: team/gone:1\n'))], []],
    ['what cannot be read', [plannedFile('manifests', Buffer.from('a: *b\n'))], []],
  ])('and warns of images that are missing: %s', async (_, samples, expected) => {
    expect(await warningsOf(samples)).toEqual(expected.map((each) => expect.stringMatching(each)));
  });
});
