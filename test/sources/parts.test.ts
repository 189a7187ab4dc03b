import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../src/oci/digest.ts';
import { SOURCES } from '../../src/sources/sources.ts';
import { readSpec } from '../../src/spec/read-spec.ts';
import { readChartFiles } from '../../src/sources/charts/files.ts';
import { readDigests } from '../../src/sources/images/wish.ts';
import { problemsIn } from '../support/failure.ts';
import { sampleChart } from '../support/samples/sample-chart.ts';
import { parseWhole } from '../support/sites/spec-document.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { problemsOf, thrownBy } from '../support/thrown.ts';

const HEAD = 'bundle: 1\nname: lab\n';

async function faultsOf(text: string): Promise<readonly string[]> {
  return await problemsOf((async () => parseWhole(HEAD + text, 'lab.yaml'))());
}

describe('every part of a spec', () => {
  const least: Readonly<Record<string, string>> = {
    images: '[busybox]',
    rancher: '{ version: v2.9.2 }',
    charts: '[{ path: ./app.tgz }]',
    manifests: '[./app.yaml]',
    rancherDesktop: '{ versions: [stable], platforms: [linux/amd64] }',
    k3s: '{ versions: [stable], architectures: [amd64] }',
    rke2: '{ versions: [stable], architectures: [amd64] }',
    kubectl: '{ versions: [1.30.6], platforms: [linux/amd64] }',
    openshift: '{ releases: [4.20.3] }',
    files: '[{ path: ./tool }]',
  };

  it.each(
    SOURCES.filter(({ content }) => content.length > 0).map((source) => [source.name, source] as const),
  )(
    '%s: what is left out stands for the same when it is decoded again, as its source does',
    (name, { keys }) => {
      const { value } = parseWhole(`${HEAD}${name}: ${least[name]}\n`, 'lab.yaml');
      for (const [key, schema] of Object.entries(keys)) expect(schema.parse(value[key])).toEqual(value[key]);
    },
  );
});

describe('"rancher" in a spec', () => {
  it('is a version, for Linux alone unless it says otherwise', () => {
    expect(parseWhole(`${HEAD}rancher: { version: v2.9.2 }\n`, 'a').value['rancher']).toEqual({
      version: 'v2.9.2',
      windows: false,
    });
    expect(
      parseWhole(`${HEAD}rancher: { version: 2.9.2, windows: true, certManager: v1.15.3 }\n`, 'a').value[
        'rancher'
      ],
    ).toEqual({ version: '2.9.2', windows: true, certManager: 'v1.15.3' });
  });

  it('is refused with an invalid version, and with keys of others', async () => {
    expect(await faultsOf('rancher: { version: latest, certManger: v1 }\n')).toEqual([
      expect.stringMatching(
        /"rancher.version" at lab.yaml:3:21: expected a release such as v2.9.2, found "latest"/,
      ),
      expect.stringMatching(/key "certManger" at .*there is no such key in "rancher"/),
    ]);
  });
});

describe('"charts" in a spec', () => {
  it('are of a repository, of a registry or of this machine', () => {
    const { charts } = parseWhole(
      [
        'charts:',
        '  - { repository: "https://charts.jetstack.io", name: cert-manager, version: v1.15.3, render: true }',
        '  - { reference: "oci://ghcr.io/lab/app:1.2.3+up4", exclude: [busybox] }',
        '  - path: ./app.tgz',
      ].reduce((text, line) => `${text}${line}\n`, HEAD),
      'a',
    ).value;
    expect(charts).toEqual([
      {
        repository: 'https://charts.jetstack.io',
        name: 'cert-manager',
        version: 'v1.15.3',
        render: true,
        exclude: [],
      },
      { reference: 'oci://ghcr.io/lab/app:1.2.3+up4', render: false, exclude: ['busybox'] },
      { path: './app.tgz', render: false, exclude: [] },
    ]);
  });

  it.each([
    ['a reference without scheme', '{ reference: "ghcr.io/lab/app:1" }', /it does not begin with "oci:\/\/"/],
    ['a reference without version', '{ reference: "oci://ghcr.io/lab/app" }', /it has no version/],
    ['a reference that is none', '{ reference: "oci://ghcr.io/LAB:1" }', /"LAB" is not a repository name/],
  ])('are refused with %s', async (_, chart, fact) => {
    expect((await faultsOf(`charts: [${chart}]\n`)).join('\n')).toMatch(fact);
  });

  it('are refused with a repository that is no URL, a loose version, or nothing that says where', async () => {
    expect(await faultsOf('charts: [{ repository: "ftp://x", name: a, version: 1.0.0 }]\n')).toEqual([
      expect.stringMatching(/"charts\[0\].repository" at .*: expected an http or https URL/),
    ]);
    expect(await faultsOf('charts: [{ repository: "https://x", name: a, version: "^1" }]\n')).toEqual([
      expect.stringMatching(
        /"charts\[0\].version" at .*: expected an exact version, such as v1.15.3, found "\^1"/,
      ),
    ]);
    expect(await faultsOf('charts: [{ name: a }]\n')).toEqual([
      expect.stringMatching(/the key "repository" is missing/),
      expect.stringMatching(/the key "version" is missing/),
    ]);
  });

  it('are judged by the form they come nearest to', async () => {
    expect(await faultsOf('charts: [{ path: ./app.tgz, rendr: true }]\n')).toEqual([
      'ERR_SPEC_INVALID Cannot read key "rendr" at lab.yaml:3:29: there is no such key in "charts[0]"',
    ]);
  });
});

describe('the files that a spec names', () => {
  it('are read: charts as they are, and digests by their lists', async () => {
    using folder = temporaryFolder();
    const chart = sampleChart('app', '1.0.0');
    writeFileSync(join(folder.path, 'app.tgz'), chart);
    writeFileSync(join(folder.path, 'digests.txt'), `rancher/one:1 ${digestOf('one')}\nrancher/two:1 \n`);
    const files = { pathOf: (written: string): string => join(folder.path, written), placeOf: () => 'here' };
    const charts = await readChartFiles([{ path: './app.tgz', render: false, exclude: [] }], files);
    expect([...charts]).toEqual([['./app.tgz', Buffer.from(chart)]]);
    const digests = await readDigests(['digests.txt'], files);
    expect([...digests]).toEqual([['docker.io/rancher/one:1', digestOf('one')]]);
  });

  it('are refused all at once when they are missing, folders, or something else', async () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, 'app'));
    writeFileSync(join(folder.path, 'text.tgz'), 'no chart');
    writeFileSync(join(folder.path, 'digests.txt'), 'rancher/one:1 sha1:x\n');
    const path = join(folder.path, 'lab.yaml');
    writeFileSync(
      path,
      `${HEAD}charts:\n  - path: gone.tgz\n  - path: app\n  - path: text.tgz\nimageDigests: [digests.txt, gone.txt]\n`,
    );
    const error = await thrownBy(readSpec(path, SOURCES, { env: {} }));
    expect(problemsIn(error).map((problem) => problem.replaceAll(folder.path, ''))).toEqual([
      expect.stringMatching(/digests.txt:1: "sha1:x" is not a sha256 digest/),
      expect.stringMatching(/Cannot read list of digests ".*gone.txt": there is no such file/),
      expect.stringMatching(
        /Cannot read chart "gone.tgz": there is no such file.*It is named at .*lab.yaml:4:11/,
      ),
      expect.stringMatching(/Cannot read chart "app": it is a folder.*helm package FOLDER.*lab.yaml:5:11/),
      expect.stringMatching(/Cannot read chart "text.tgz": it is not a packed chart/),
    ]);
  });
});
