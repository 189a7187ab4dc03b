import { describe, expect, it } from 'vitest';
import { findInRepository } from '../../../../src/sources/charts/repository/upstream.ts';
import { digestOf, hexOf } from '../../../../src/oci/digest.ts';
import { hintsOf, problemsOf } from '../../../support/thrown.ts';

const REPOSITORY = 'https://charts.example.com/stable';
const HEX = hexOf(digestOf('chart'));

function upstreamOf(index: string) {
  const asked: string[] = [];
  const web = {
    query: async (url: string) => {
      asked.push(url);
      return { body: Buffer.from(index), headers: {} };
    },
  };
  const find = async (name: string, version: string, repository = REPOSITORY) =>
    await findInRepository(web, { repository, name, version }, {});
  return { find, asked };
}

function indexOf(entries: readonly string[]): string {
  return `apiVersion: v1\nentries:\n  app:\n${entries.map((entry) => `  - ${entry}\n`).join('')}  other: []\n`;
}

const ONE = `{ version: 1.10.0, urls: [app-1.10.0.tgz], digest: ${HEX} }`;

describe('a chart in a Helm repository', () => {
  it('is at its address from the folder of the repository', async () => {
    const { find, asked } = upstreamOf(indexOf([ONE]));
    expect(await find('app', '1.10.0')).toEqual({
      url: 'https://charts.example.com/stable/app-1.10.0.tgz',
      digest: `sha256:${HEX}`,
    });
    expect(asked).toEqual(['https://charts.example.com/stable/index.yaml']);
  });

  it.each([
    ['https://cdn.example.com/a.tgz', 'https://cdn.example.com/a.tgz'],
    ['/a.tgz', 'https://charts.example.com/a.tgz'],
    ['oci://ghcr.io/lab/app:1.0.0', 'oci://ghcr.io/lab/app:1.0.0'],
  ])('may be anywhere else: %s', async (url, expected) => {
    const { find } = upstreamOf(indexOf([`{ version: 1.0.0, urls: ["${url}"] }`]));
    expect(await find('app', '1.0.0')).toEqual({ url: expected, digest: undefined });
  });

  it('is found with and without a "v", what is written exactly so first', async () => {
    const { find } = upstreamOf(
      indexOf([
        '{ version: v1.0.0, urls: [v.tgz] }',
        '{ version: 1.0.0, urls: [plain.tgz] }',
        '{ version: v2.0.0, urls: [two.tgz] }',
      ]),
    );
    expect((await find('app', '1.0.0')).url).toMatch(/plain\.tgz$/);
    expect((await find('app', 'v1.0.0')).url).toMatch(/\/v\.tgz$/);
    expect((await find('app', '2.0.0')).url).toMatch(/two\.tgz$/);
  });

  it('is found in an index in JSON', async () => {
    const { find } = upstreamOf(
      JSON.stringify({ entries: { app: [{ version: '1.0.0', urls: ['a.tgz'] }] } }),
    );
    expect((await find('app', '1.0.0')).url).toMatch(/a\.tgz$/);
  });

  it('that does not exist is reported with its neighbours', async () => {
    const { find } = upstreamOf(
      indexOf(
        ['1.9.0', '1.10.0', '1.12.0', '2.0.0'].map((version) => `{ version: ${version}, urls: [a.tgz] }`),
      ),
    );
    expect(await problemsOf(find('app', '1.11.0'))).toEqual([
      'ERR_UPSTREAM_NOT_FOUND Cannot find chart "app" 1.11.0 of "https://charts.example.com/stable": there is no such version',
    ]);
    expect(await hintsOf(find('app', '1.11.0'))).toEqual(['The nearest is 1.10.0 or 1.12.0.']);
    expect(await hintsOf(find('othr', '1.11.0'))).toEqual(['Did you mean "other"?']);
  });
});

describe('an index as Helm writes it', () => {
  const others = Array.from(
    { length: 200 },
    (_, index) => `  c${index}:\n  - {version: 1.0.0, urls: [c.tgz], x: [\n`,
  );
  const own = `  app:\n  - version: 1.0.0\n    description: "a: *b"\n    urls:\n    - a.tgz\n`;

  it('is read where it is about the chart, and nowhere else', async () => {
    // The other charts are broken on purpose: nobody looks at them.
    const index = `apiVersion: v1\nentries:\n${others.join('')}${own}${others.join('').replaceAll('  c', '  d')}generated: "now"\n`;
    expect((await upstreamOf(index).find('app', '1.0.0')).url).toMatch(/a\.tgz$/);
    expect(await hintsOf(upstreamOf(index).find('ap', '1.0.0'))).toEqual(['Did you mean "app"?']);
  });

  it('is read as a whole where a chart leans on another one by an alias', async () => {
    const index = 'entries:\n  base:\n  - &one { version: 1.0.0, urls: [a.tgz] }\n  app:\n  - *one\n';
    expect((await upstreamOf(index).find('app', '1.0.0')).url).toMatch(/a\.tgz$/);
  });

  it('is refused when it is large and laid out in another way', async () => {
    const index = `entries: { app: [ { version: 1.0.0, urls: [a.tgz] } ] } #${'x'.repeat(9 * 1024 * 1024)}`;
    expect(await problemsOf(upstreamOf(index).find('app', '1.0.0'))).toEqual([
      expect.stringMatching(/larger than 8388608 bytes, and not laid out as Helm writes it/),
    ]);
  });
});

describe('a hostile index', () => {
  it.each([
    ['no entries', 'apiVersion: v1\n', /it has no "entries"/],
    ['no YAML', 'entries: [\n', /at line \d+, the YAML is broken/],
    ['no JSON', '{"entries": ', /it is not JSON/],
    ['a chart that is no list', 'entries: { app: yes }\n', /the versions of "app" are not a list/],
    [
      'a digest that is none',
      indexOf(['{ version: 1.0.0, urls: [a.tgz], digest: abc }']),
      /the digest of version "1.0.0" is not a digest/,
    ],
    [
      'one version twice',
      indexOf([ONE, `{ version: 1.10.0, urls: [b.tgz], digest: ${HEX} }`]),
      /"1.10.0" of "app" appears twice/,
    ],
    ['a chart twice', `${indexOf([ONE])}  app: []\n`, /the key "app" appears twice/],
  ])('with %s is refused', async (_, index, fact) => {
    const [problem] = await problemsOf(upstreamOf(index).find('app', '1.10.0'));
    expect(problem).toMatch(fact);
    expect(problem).toMatch(/^ERR_DOCUMENT_INVALID Cannot read Helm index "https:/);
  });

  it.each([
    ['file:///etc/passwd', /neither http nor https nor oci/],
    ['http://[', /its address in the index is not a URL/],
    ['http://example.com/a.tgz', /leads from https to http, and has no digest/],
  ])('cannot lead to %s', async (url, fact) => {
    const [problem] = await problemsOf(
      upstreamOf(indexOf([`{ version: 1.0.0, urls: ["${url}"] }`])).find('app', '1.0.0'),
    );
    expect(problem).toMatch(fact);
  });

  it('takes no name of an object for a chart', async () => {
    expect(await problemsOf(upstreamOf(indexOf([ONE])).find('constructor', '1.0.0'))).toEqual([
      expect.stringContaining('the repository has no chart of that name'),
    ]);
  });

  it('shows no credential of its repository', async () => {
    const [problem] = await problemsOf(
      upstreamOf(indexOf([ONE])).find('app', '9.0.0', 'https://user:secret@charts.example.com'),
    );
    expect(problem).not.toContain('secret');
  });
});
