import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openBundle } from '../../../src/bundle/open.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { verifyBundle } from '../../../src/verbs/verify.ts';
import { inspectBundle } from '../../../src/verbs/inspect.ts';
import { CATALOG_LABEL, olmBundle, olmChannel, olmPackage, rendered } from '../../support/samples/catalog.ts';
import {
  CATALOG,
  catalogIn,
  documentsIn,
  labDocuments,
  seedCatalog,
  seedImage,
  seedLab,
} from '../../support/samples/catalog-lab.ts';
import { incompressibleBytes } from '../../support/samples/sample-image.ts';
import { type OpenshiftSite, startOpenshiftSite } from '../../support/sites/openshift-site.ts';

const part = (rest = ''): string => `openshift: { operators: [{ catalog: "${CATALOG}"${rest} }] }\n`;
const surroundings = { env: {}, home: '/', host: { platform: 'linux', arch: 'x64' } };
const PACKAGES = ', packages: [{ name: etcd }]';

async function namesIn(site: OpenshiftSite, text: string): Promise<readonly string[]> {
  const { path } = await site.build(text);
  const { items } = await inspectBundle({ path }, surroundings);
  return items.map(({ name }) => name);
}

describe('operators', () => {
  it('are their catalog, and the images of the bundles that are kept', async () => {
    const site = await startOpenshiftSite();
    const { images } = await seedLab(site);
    const named = (...names: readonly string[]): readonly string[] =>
      names.map((name) => images[name] ?? name).sort();
    expect(await namesIn(site, part())).toEqual([...named('argo-1', 'etcd-2', 'shared'), CATALOG].sort());
    expect(await namesIn(site, part(PACKAGES))).toEqual([...named('etcd-2', 'shared'), CATALOG].sort());
    expect(await namesIn(site, part(`${PACKAGES}, full: true`))).toEqual(
      [...named('etcd-1', 'etcd-2', 'shared'), CATALOG].sort(),
    );
    expect(await namesIn(site, part(', full: true'))).toEqual(
      [...named('argo-1', 'etcd-1', 'etcd-2', 'shared'), CATALOG].sort(),
    );
  });

  it('are whole images, whatever platforms the spec asks for', async () => {
    const site = await startOpenshiftSite();
    const { images } = await seedLab(site);
    expect(await namesIn(site, `platforms: [linux/s390x]\n${part(PACKAGES)}`)).toContain(images['etcd-2']);
  });

  it('may name images by tag, which the lock keeps', async () => {
    const site = await startOpenshiftSite();
    const bundle = await seedImage(site, 'tagged', '1');
    await seedCatalog(site, {
      layers: [
        {
          'a.json': rendered(
            olmPackage('a', 'x'),
            olmChannel('a', 'x', 'a.v1.0.0'),
            olmBundle('a', '1.0.0', ['quay.io/lab/tagged:1', bundle]),
          ),
        },
      ],
    });
    const lock = join(site.folder, 'lab.lock.json');
    const first = await site.build(part(), { lockPath: lock });
    await seedImage(site, 'other');
    await site.quay.seed('lab/tagged', (await seedLab(site)).catalog, '1');
    expect((await site.build(part(), { lockPath: lock, locked: true })).root).toBe(first.root);
    expect(await namesIn(site, part())).not.toContain('quay.io/lab/tagged:2');
  });

  it('go without a related image whose name nobody can read', async () => {
    const site = await startOpenshiftSite();
    const image = await seedImage(site, 'bundle');
    const documents = [
      olmPackage('a', 'x'),
      olmChannel('a', 'x', 'a.v1.0.0'),
      olmBundle('a', '1.0.0', [image, 'Not A Reference']),
    ];
    await seedCatalog(site, { layers: [{ 'a.json': rendered(...documents) }] });
    const { findings, items } = await site.build(part());
    expect(items).toBe(2);
    expect(findings.map(({ message }) => message)).toContain(
      `Bundle "a.v1.0.0" of "${CATALOG}" names the image "Not A Reference", which is no reference: the bundle goes without it`,
    );
  });
});

describe('a catalog that is filtered', () => {
  it.each(['docker', 'oci'] as const)(
    'has one layer more, which hides the documents below it: %s',
    async (format) => {
      const site = await startOpenshiftSite();
      const { catalog } = await seedLab(site, { format });
      const { path } = await site.build(part(PACKAGES));
      const { manifest, config, top, layer } = await catalogIn(path);
      const [before] = catalog.manifests;
      const old = JSON.parse(Buffer.from(before?.bytes ?? '').toString('utf8'));
      expect(manifest.layers.slice(0, -1).map(({ digest }) => digest)).toEqual(
        old.layers.map(({ digest }: { digest: string }) => digest),
      );
      expect(manifest.layers.at(-1)?.mediaType).toBe(
        format === 'docker'
          ? 'application/vnd.docker.image.rootfs.diff.tar'
          : 'application/vnd.oci.image.layer.v1.tar',
      );
      expect(config).toMatchObject({
        config: {
          Entrypoint: ['/bin/opm'],
          Cmd: ['serve', '/configs'],
          Labels: { [CATALOG_LABEL]: '/configs', 'dev.saddlebag.source.digest': catalog.root.digest },
        },
        rootfs: { diff_ids: [expect.anything(), expect.anything(), digestOf(layer)] },
      });
      expect([...top.keys()]).toEqual([
        'configs',
        'configs/etcd',
        'configs/.wh..wh..opq',
        'configs/etcd/catalog.json',
      ]);
      const documents = documentsIn(top.get('configs/etcd/catalog.json'));
      expect(documents.map(({ schema, name }) => `${String(schema)} ${String(name)}`)).toEqual([
        'olm.package etcd',
        'olm.channel stable',
        'olm.channel alpha',
        'olm.bundle etcd.v2.0.0',
        'olm.deprecations undefined',
        'lab.note undefined',
      ]);
      expect(documents[1]).toMatchObject({
        entries: [{ name: 'etcd.v2.0.0', replaces: 'etcd.v1.0.0', skipRange: '<9.0.0' }],
      });
      expect(documents[4]?.['entries']).toEqual([
        { reference: { schema: 'olm.channel', name: 'alpha' }, message: 'early' },
        { reference: { schema: 'olm.package' }, message: 'all' },
      ]);
    },
  );

  it('keeps documents as they are written, unless they change', async () => {
    const site = await startOpenshiftSite();
    const { etcd } = await labDocuments(site);
    await seedCatalog(site, { layers: [{ 'etcd/catalog.json': rendered(...etcd) }] });
    const { path } = await site.build(part(`${PACKAGES}, full: true`));
    expect((await catalogIn(path)).top.get('configs/etcd/catalog.json')).toBe(rendered(...etcd));
  });

  it('has the default channel that the spec names', async () => {
    const site = await startOpenshiftSite();
    await seedLab(site);
    const { path } = await site.build(
      part(', packages: [{ name: etcd, defaultChannel: alpha, channels: [{ name: alpha }] }]'),
    );
    const [first, ...others] = documentsIn((await catalogIn(path)).top.get('configs/etcd/catalog.json'));
    expect(first).toMatchObject({
      schema: 'olm.package',
      defaultChannel: 'alpha',
      description: 'Braces } in "quotes" \\',
    });
    expect(others.map(({ schema }) => schema)).toEqual([
      'olm.channel',
      'olm.bundle',
      'olm.deprecations',
      'lab.note',
    ]);
  });

  it('is the same each time, and after a lock', async () => {
    const site = await startOpenshiftSite();
    await seedLab(site, { architectures: ['amd64', 'arm64'] });
    const lock = join(site.folder, 'lab.lock.json');
    const out = (name: string): string => join(site.folder, name);
    const first = await site.build(part(PACKAGES), { lockPath: lock, out: out('1.tar') });
    const again = await site.build(part(PACKAGES), { out: out('2.tar') });
    const locked = await site.build(part(PACKAGES), { lockPath: lock, locked: true, out: out('3.tar') });
    expect([again.root, locked.root]).toEqual([first.root, first.root]);
    expect(readFileSync(out('3.tar')).equals(readFileSync(out('1.tar')))).toBe(true);
  });

  it('is filtered for each architecture', async () => {
    const site = await startOpenshiftSite();
    const { catalog } = await seedLab(site, { architectures: ['arm64', 'amd64'] });
    const { path } = await site.build(part(PACKAGES));
    const [arm, amd] = [await catalogIn(path, { child: 0 }), await catalogIn(path, { child: 1 })];
    expect([arm.config['architecture'], amd.config['architecture']]).toEqual(['arm64', 'amd64']);
    expect(arm.manifest.layers.at(-1)?.digest).toBe(amd.manifest.layers.at(-1)?.digest);
    const { items } = await inspectBundle({ path }, surroundings);
    expect(items.find(({ name }) => name === CATALOG)?.digest).not.toBe(catalog.root.digest);
  });

  it('can be read by tar', async () => {
    const site = await startOpenshiftSite();
    const image = await seedImage(site, 'bundle');
    const name = 'n'.repeat(70);
    const documents = [
      olmPackage('é', 'x'),
      olmChannel('é', 'x', 'é.v1.0.0'),
      olmBundle('é', '1.0.0', [image]),
    ];
    await seedCatalog(site, {
      layers: [{ [`é/${name}.json`]: rendered(...documents), [`${name}/é.json`]: '{"schema":"lab.x"}' }],
    });
    const { path } = await site.build(part());
    const file = join(site.folder, 'layer.tar');
    writeFileSync(file, (await catalogIn(path)).layer);
    const listed = execFileSync('tar', ['--quoting-style=literal', '-tf', file], { encoding: 'utf8' });
    expect(listed.trim().split('\n')).toEqual([
      'configs/',
      `configs/${name}/`,
      'configs/é/',
      'configs/.wh..wh..opq',
      `configs/é/${name}.json`,
      `configs/${name}/é.json`,
    ]);
  });

  it('is read from the layers as a container would see them', async () => {
    const site = await startOpenshiftSite();
    const { etcd, argo, images } = await labDocuments(site);
    const gone = rendered(olmPackage('gone', 'x'), olmChannel('gone', 'x', 'gone.v1', 'gone.v2'));
    await seedCatalog(site, {
      layers: [
        {
          'old/catalog.json': 'no catalog',
          'etcd/catalog.json': 'no catalog',
          'gone.json': gone,
          'argo/x.json': rendered(...argo),
        },
        { 'etcd/catalog.json': rendered(...etcd), '.wh.old': '', '.wh.gone.json': '' },
        { 'argo/.wh..wh..opq': '', 'argo/y.json': rendered(...argo), '/etc/motd': 'not of the catalog' },
      ],
    });
    expect(await namesIn(site, part())).toEqual(
      [images['argo-1'], images['etcd-2'], images['shared'], CATALOG].map(String).sort(),
    );
  });

  it('may have its documents in YAML, in several files, and beside what it ignores', async () => {
    const site = await startOpenshiftSite();
    const image = await seedImage(site, 'bundle');
    const channel =
      'schema: olm.channel\npackage: a\nname: x\nentries:\n- name: a.v2.0.0\n  replaces: a.v1.0.0\n- name: a.v1.0.0\n';
    const bundle = `schema: olm.bundle\npackage: a\nname: a.v2.0.0\nimage: ${image}\n# kept\nproperties:\n- type: olm.package\n  value: { packageName: a, version: 2.0.0 }\n`;
    await seedCatalog(site, {
      layers: [
        {
          '.indexignore': '*.md\n',
          'README.md': '# no catalog',
          'a/package.yaml': '---\nschema: olm.package\nname: a\ndefaultChannel: x\n',
          'a/graph.yaml': `${channel}---\n${bundle}`,
        },
      ],
    });
    const { path } = await site.build(part());
    const { top } = await catalogIn(path);
    expect([...top.keys()]).toEqual([
      'configs',
      'configs/a',
      'configs/.wh..wh..opq',
      'configs/a/package.yaml',
      'configs/a/graph.yaml',
    ]);
    expect(top.get('configs/a/graph.yaml')).toBe(
      `---\n{"schema":"olm.channel","package":"a","name":"x","entries":[{"name":"a.v2.0.0","replaces":"a.v1.0.0"}]}\n---\n${bundle}\n`,
    );
  });

  it('is made again when the bundle is written, when it is too large to hold', async () => {
    const site = await startOpenshiftSite();
    const bundle = olmBundle('a', '1.0.0', [await seedImage(site, 'bundle')]);
    const data = Buffer.from(incompressibleBytes('manifests', 7 * 1024 * 1024)).toString('base64');
    const large = {
      ...bundle,
      properties: [...[bundle['properties']].flat(), { type: 'olm.bundle.object', value: { data } }],
    };
    const text = rendered(olmPackage('a', 'x'), olmChannel('a', 'x', 'a.v1.0.0'), large);
    await seedCatalog(site, { layers: [{ 'a.json': text }] });
    const { path, root } = await site.build(part());
    expect((await catalogIn(path)).top.get('configs/a.json')).toBe(text);
    expect((await verifyBundle({ path, workers: 1 }, surroundings)).ok).toBe(true);
    expect((await site.build(part())).root).toBe(root);
  });

  it('gets a tag when it is named by its digest', async () => {
    const site = await startOpenshiftSite();
    const { catalog } = await seedLab(site);
    const name = `quay.io/lab/index@${catalog.root.digest}`;
    const { path } = await site.build(part(PACKAGES).replace(CATALOG, name));
    await using bundle = await openBundle(path);
    const item = bundle.document.items.find((each) => each.name === name);
    expect(item).toMatchObject({ at: [`lab/index:sha256-${item?.descriptor.digest.slice(7)}`] });
  });
});

describe('a catalog that is carried whole', () => {
  it('keeps its digest', async () => {
    const site = await startOpenshiftSite();
    const { catalog } = await seedLab(site);
    const { path } = await site.build(part(', full: true'));
    const { items } = await inspectBundle({ path }, surroundings);
    expect(items.find(({ name }) => name === CATALOG)?.digest).toBe(catalog.root.digest);
  });
});
