import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { writeConfig } from '../../../src/verbs/config.ts';
import { installBundle } from '../../../src/verbs/install.ts';
import { verifyBundle } from '../../../src/verbs/verify.ts';
import { startRegistry } from '../../support/registry/registry.ts';
import { CATALOG, seedCatalog, seedLab } from '../../support/samples/catalog-lab.ts';
import { catalogImage } from '../../support/samples/catalog.ts';
import { startOpenshiftSite } from '../../support/sites/openshift-site.ts';

/** Builds a spec of one entry of `operators`, and installs the bundle to a registry below `/ocp`. */
async function installed(entry: string, seed = seedLab) {
  const site = await startOpenshiftSite();
  const seeded = await seed(site);
  const { path } = await site.build(`openshift: { operators: [{ catalog: "${CATALOG}"${entry} }] }\n`);
  const registry = await startRegistry();
  onTestFinished(() => registry[Symbol.asyncDispose]());
  const surroundings = { env: {}, home: site.folder, host: { platform: 'linux', arch: 'x64' } };
  const install = async () =>
    await installBundle({ path, targets: { registry: [`${registry.host}/ocp`] } }, surroundings);
  await install();
  const documents = async (kind: 'catalog-source' | 'idms' | 'itms' | 'icsp') => {
    const { files } = await writeConfig({ kind, bundle: path }, surroundings);
    return files.map(({ text }) => parse(text));
  };
  /** Returns the digest of what is at a reference of the registry. */
  const at = (reference: string): string | undefined => {
    const [, repository = '', end = ''] = /^[^/]+\/(.+?)(?::|@)([^/]+)$/.exec(reference) ?? [];
    const manifest = registry.content.manifest(repository, end);
    return manifest?.digest;
  };
  return { ...seeded, path, registry, surroundings, install, documents, at };
}

describe('operators at a registry', () => {
  it.each([
    ['a filtered catalog', ', packages: [{ name: etcd }]', 'ocp/quay.io/lab/index:v4.20'],
    ['a whole catalog', ', full: true', 'ocp/quay.io/lab/index:v4.20'],
    [
      'one with a place of its own',
      ', packages: [{ name: etcd }], targetCatalog: ns/own, targetTag: v1',
      'ocp/ns/own:v1',
    ],
    ['a whole one with a place of its own', ', full: true, targetCatalog: ns/own', 'ocp/ns/own:v4.20'],
    ['one with a tag of its own', ', packages: [{ name: etcd }], targetTag: v1', 'ocp/lab/index:v1'],
  ])('have %s where the CatalogSource says', async (_, entry, place) => {
    const { catalog, registry, documents, at } = await installed(entry);
    const [source, ...others] = await documents('catalog-source');
    expect(others).toEqual([]);
    expect(source.spec.image).toBe(`${registry.host}/${place}`);
    const digest = at(source.spec.image);
    expect(digest).toBeDefined();
    expect(digest === catalog.root.digest).toBe(entry.includes('full'));
  });

  it('have every image where the mirror sets lead, by its digest', async () => {
    const { images, documents, at } = await installed(', packages: [{ name: etcd }]');
    const [idms] = await documents('idms');
    for (const name of ['etcd-2', 'shared']) {
      const [source = '', digest = ''] = (images[name] ?? '').split('@');
      const set = idms.spec.imageDigestMirrors.find((each: { source: string }) => each.source === source);
      expect(at(`${set.mirrors[0]}@${digest}`)).toBe(digest);
    }
    const [itms] = await documents('itms');
    expect(itms.spec.imageTagMirrors.map((each: { source: string }) => each.source)).toEqual([
      'quay.io/lab/index',
    ]);
  });

  it('are verified, and sent once', async () => {
    const { path, registry, surroundings, install } = await installed(', packages: [{ name: etcd }]');
    expect((await verifyBundle({ path }, surroundings)).ok).toBe(true);
    const before = registry.log.entries.length;
    await install();
    const writes = registry.log.entries
      .slice(before)
      .filter(({ method }) => ['PUT', 'POST', 'PATCH'].includes(method));
    expect(writes).toEqual([]);
  });

  it('have a CatalogSource of its own for each of two catalogs of one name', async () => {
    const site = await startOpenshiftSite();
    await seedCatalog(site, { layers: [] });
    await site.quay.seed('other/index', catalogImage({ layers: [{ 'x.json': '{}' }] }), 'v4.20');
    const { path } = await site.build(`images: ["${CATALOG}", "quay.io/other/index:v4.20"]\n`);
    const surroundings = { env: {}, home: site.folder, host: { platform: 'linux', arch: 'x64' } };
    const { files } = await writeConfig(
      { kind: 'catalog-source', bundle: path, registry: 'registry.lab' },
      surroundings,
    );
    expect(files.map((file) => file.path)).toEqual([
      'cs-quay-io-lab-index-v4-20.yaml',
      'cs-quay-io-other-index-v4-20.yaml',
    ]);
  });
});
