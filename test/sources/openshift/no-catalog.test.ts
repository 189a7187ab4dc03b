import { describe, expect, it } from 'vitest';
import { CATALOG_LABEL, olmBundle, olmChannel, olmPackage, rendered } from '../../support/samples/catalog.ts';
import { CATALOG, seedCatalog } from '../../support/samples/catalog-lab.ts';
import { startOpenshiftSite } from '../../support/sites/openshift-site.ts';
import { problemsOf } from '../../support/thrown.ts';

const part = (rest = ''): string => `openshift: { operators: [{ catalog: "${CATALOG}"${rest} }] }\n`;

describe('what is no catalog', () => {
  const bad = (name: string, text: string): Readonly<Record<string, string>> => ({ [name]: text });
  const entry = (text: string): string => rendered(olmPackage('a', 'x')) + text;

  it.each<readonly [string, Parameters<typeof seedCatalog>[1], string]>([
    ['without its label', { layers: [], labels: {} }, `it does not have the label "${CATALOG_LABEL}"`],
    [
      'of the time of databases',
      { layers: [], labels: { 'operators.operatorframework.io.index.database.v1': '/database/index.db' } },
      'it is a database, as catalogs were before OpenShift 4.11',
    ],
    ['whose label leads nowhere', { layers: [], labels: { [CATALOG_LABEL]: '/a/../..' } }, 'names no folder'],
    ['whose label is the top', { layers: [], labels: { [CATALOG_LABEL]: '/' } }, 'names no folder'],
    ['without documents', { layers: [] }, 'it has no packages'],
    [
      'with other files',
      { layers: [bad('README.md', 'Read me')] },
      '"configs/README.md": one of its documents is not an object',
    ],
    [
      'with JSON that is none',
      { layers: [bad('a.json', entry('{"schema": }'))] },
      '"configs/a.json": it is not JSON',
    ],
    [
      'that is cut',
      { layers: [bad('a.json', entry('{"schema": "x"'))] },
      'it ends in the middle of a document',
    ],
    [
      'with a document without a schema',
      { layers: [bad('a.json', entry('{"name":"x"}'))] },
      'document "x" has no "schema"',
    ],
    [
      'with an image that is at no registry',
      {
        layers: [
          bad(
            'a.json',
            entry(rendered(olmChannel('a', 'x', 'a.v1.0.0'), olmBundle('a', '1.0.0', ['oci:///disk/x']))),
          ),
        ],
      },
      'bundle "a.v1.0.0" names the image "oci:///disk/x", which is at no registry',
    ],
    [
      'with two heads',
      { layers: [bad('a.json', entry(rendered(olmChannel('a', 'x', 'a.v1', 'a.v2'))))] },
      'package "a": channel "x": it has 2 heads',
    ],
  ])('is refused: %s', async (_, catalog, fact) => {
    const site = await startOpenshiftSite();
    await seedCatalog(site, catalog);
    const [problem, ...others] = await problemsOf(site.build(part()));
    expect(others).toEqual([]);
    expect(problem).toContain(`ERR_DOCUMENT_INVALID Cannot use "${CATALOG}" as a catalog of operators: `);
    expect(problem).toContain(fact);
  });

  it('is told in one list with the release and the other catalog that are not there', async () => {
    const site = await startOpenshiftSite();
    await seedCatalog(site, { layers: [], labels: {} });
    const release = 'quay.io/openshift-release-dev/ocp-release:4.20.9-x86_64';
    const other = 'registry.redhat.io/redhat/none:v4.20';
    const problems = await problemsOf(
      site.build(
        `openshift: { releases: ["${release}"], operators: [{ catalog: "${other}" }, { catalog: "${CATALOG}" }] }\n`,
      ),
    );
    expect(problems).toHaveLength(3);
    for (const [index, name] of [release, other, CATALOG].entries()) expect(problems[index]).toContain(name);
  });

  it.each([
    ['packages: [{ name: a }, { name: a }]', 'one of its "packages" is there twice'],
    ['packages: [{ name: a, channels: [{ name: x }, { name: x }] }]', 'one of its "channels" is there twice'],
    ['packages: [{ name: a, minVersion: new }]', 'it is no version such as 1.2.3'],
    [
      'packages: [{ name: a, minVersion: 2.0.0, maxVersion: 1.0.0 }]',
      'its "minVersion" is newer than its "maxVersion"',
    ],
    [
      'packages: [{ name: a, minVersion: 2.0.0, channels: [{ name: x, maxVersion: 3.0.0 }] }]',
      'give them in one place',
    ],
    ['packages: [{ name: a, minVersion: 2.0.0 }], full: true', 'it is "full", and has versions'],
    ['targetCatalog: "lab:5000/x"', 'it is no repository'],
    ['targetTag: "a/b"', 'it is no tag'],
    ['packages: [{ name: a, bundles: [] }]', 'bundles'],
  ])('is refused in the spec: %s', async (rest, fact) => {
    const site = await startOpenshiftSite();
    expect((await problemsOf(site.build(part(`, ${rest}`)))).join('\n')).toContain(fact);
  });

  it('names an image of a bundle that is gone', async () => {
    const site = await startOpenshiftSite();
    const lost = `quay.io/lab/lost@sha256:${'1'.repeat(64)}`;
    await seedCatalog(site, {
      layers: [
        bad(
          'a.json',
          rendered(olmPackage('a', 'x'), olmChannel('a', 'x', 'a.v1.0.0'), olmBundle('a', '1.0.0', [lost])),
        ),
      ],
    });
    expect(await problemsOf(site.build(part()))).toEqual([
      expect.stringMatching(`^ERR_UPSTREAM_NOT_FOUND Cannot .* "${lost}": `),
    ]);
  });
});
