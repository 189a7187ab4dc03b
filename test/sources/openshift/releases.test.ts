import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inspectBundle } from '../../../src/verbs/inspect.ts';
import type { RawEntry } from '../../support/archives/raw-tar.ts';
import { layeredImage, payloadLayer } from '../../support/samples/openshift-release.ts';
import type { SampleImage } from '../../support/samples/sample-image.ts';
import {
  COMPONENTS,
  type OpenshiftSite,
  RELEASES,
  startOpenshiftSite,
} from '../../support/sites/openshift-site.ts';
import { hintsOf, problemsOf } from '../../support/thrown.ts';

const REFERENCE = `${RELEASES}:4.20.3-x86_64`;
const part = (rest: string): string => `openshift: { ${rest}, keys: [keys.asc] }\n`;
const surroundings = { env: {}, home: '/', host: { platform: 'linux', arch: 'x64' } };

async function itemsOf(site: OpenshiftSite, text: string): Promise<readonly Record<string, unknown>[]> {
  const { path } = await site.build(text);
  const { items } = await inspectBundle({ path }, surroundings);
  return items.map((item) => ({ ...item }));
}

describe('a release of OpenShift', () => {
  it.each(['docker', 'oci'] as const)('is its image and its components by digest: %s', async (format) => {
    const site = await startOpenshiftSite();
    const { root } = await site.release({ version: '4.20.3', format });
    const items = await itemsOf(site, part(`releases: ["${REFERENCE}"]`));
    expect(
      items.map(({ kind, name }) => `${String(kind)} ${String(name).replace(/[0-9a-f]{64}/, '…')}`),
    ).toEqual([
      `image ${RELEASES}@sha256:…`,
      ...Array<string>(3).fill(`image ${COMPONENTS}@sha256:…`),
      'openshift 4.20.3-x86_64',
    ]);
    expect(items[0]).toMatchObject({ name: `${RELEASES}@${root.digest}` });
  });

  it('is read from its last layer alone, when that has all', async () => {
    const site = await startOpenshiftSite();
    const image = await site.release({ version: '4.20.3' });
    await site.build(part(`releases: ["${REFERENCE}"]`), { dryRun: true });
    const [, base, payload] = image.blobs.map(({ descriptor }) => descriptor.digest);
    expect(site.quay.log.entries.filter(({ path }) => path.includes(base ?? '-'))).toEqual([]);
    expect(site.quay.log.entries.filter(({ path }) => path.includes(payload ?? '-'))).toHaveLength(1);
  });

  it.each<readonly [string, (payload: readonly RawEntry[]) => readonly (readonly RawEntry[])[]]>([
    [
      'with ./ before every path',
      (payload) => [payload.map((entry) => ({ ...entry, path: `./${entry.path}` }))],
    ],
    ['below other layers', (payload) => [payload, [{ path: 'etc/motd', bytes: 'hello' }]]],
    ['in two layers', (payload) => [payload.slice(0, 2), payload.slice(2)]],
    ['beside an older one below', (payload) => [payloadLayer({ version: '4.1.0', components: {} }), payload]],
    [
      'over what it removes',
      (payload) => [
        payloadLayer({ version: '4.1.0', components: {} }),
        [{ path: 'release-manifests/.wh..wh..opq', bytes: '' }, ...payload],
      ],
    ],
    [
      'with manifests of every kind beside',
      (payload) => [
        [
          ...payload,
          { path: 'release-manifests/0000_99_x.yaml', bytes: 'a: [' },
          { path: 'release-manifests/dir/image-references', bytes: 'other' },
        ],
      ],
    ],
  ])('is found %s', async (_, around) => {
    const site = await startOpenshiftSite();
    await site.release({ version: '4.20.3', around });
    expect(await site.build(part(`releases: ["${REFERENCE}"]`))).toMatchObject({ items: 5 });
  });

  it.each<readonly [string, (payload: readonly RawEntry[]) => readonly (readonly RawEntry[])[], RegExp]>([
    [
      'has no payload',
      () => [[{ path: 'etc/motd', bytes: 'hello' }]],
      /^ERR_DOCUMENT_INVALID Cannot use "quay[^"]+:4\.20\.3-x86_64" as an OpenShift release: no layer of it has "release-manifests\/image-references"/,
    ],
    [
      'has half of it',
      (payload) => [payload.filter(({ path }) => !path.endsWith('metadata'))],
      /no layer of it has "release-manifests\/release-metadata"/,
    ],
    [
      'has it twice',
      (payload) => [[...payload, ...payload]],
      /a layer of it has "release-manifests\/image-references" twice/,
    ],
    [
      'removed it',
      (payload) => [payload, [{ path: 'release-manifests/.wh.image-references', bytes: '' }]],
      /no layer of it has "release-manifests\/image-references"/,
    ],
    [
      'removed its folder',
      (payload) => [payload, [{ path: '.wh.release-manifests', bytes: '' }]],
      /no layer of it has/,
    ],
    [
      'has another document',
      (payload) => [changed(payload, 'image-references', '{"kind":"List"}')],
      /it is not an ImageStream/,
    ],
    [
      'has no JSON',
      (payload) => [changed(payload, 'image-references', 'kind: ImageStream')],
      /it is not JSON/,
    ],
    [
      'has no metadata',
      (payload) => [changed(payload, 'release-metadata', '{"kind":"other"}')],
      /not of kind cincinnati-metadata-v0/,
    ],
    [
      'has a component by tag',
      (payload) => [edited(payload, /quay[^"]*art-dev@sha256:[0-9a-f]{64}/, `${COMPONENTS}:latest`)],
      /its component "cli" is "[^"]*:latest", and not an image by digest alone/,
    ],
    [
      'has a component by tag and digest',
      (payload) => [edited(payload, /art-dev@/, 'art-dev:x@')],
      /and not an image by digest alone/,
    ],
    [
      'has a component that is no reference',
      (payload) => [edited(payload, /quay[^"]*art-dev@sha256:[0-9a-f]{64}/, 'https://x')],
      /which is not a reference/,
    ],
    [
      'has a component twice',
      (payload) => [edited(payload, /"name": "etcd"/, '"name": "cli"')],
      /it has a component twice/,
    ],
    [
      'has a component with a name of no tag',
      (payload) => [edited(payload, /"name": "etcd"/, '"name": "../etcd"')],
      /a component of it has no name/,
    ],
    [
      'lacks all components',
      (payload) => [edited(payload, /"kind": "DockerImage"/g, '"kind": "ImageStreamTag"')],
      /it has no component/,
    ],
  ])('that %s is refused', async (_, around, message) => {
    const site = await startOpenshiftSite();
    await site.release({ version: '4.20.3', around });
    expect(await problemsOf(site.build(part(`releases: ["${REFERENCE}"]`)))).toEqual([
      expect.stringMatching(message),
    ]);
  });

  it('passes over tags of another kind than an image', async () => {
    const site = await startOpenshiftSite();
    const around = (payload: readonly RawEntry[]): readonly (readonly RawEntry[])[] => [
      edited(
        payload,
        /"tags": \[/,
        '"tags": [{ "name": "other", "from": { "kind": "ImageStreamTag", "name": "x:y" } }, { "name": "none" },',
      ),
    ];
    await site.release({ version: '4.20.3', around });
    expect(await site.build(part(`releases: ["${REFERENCE}"]`))).toMatchObject({ items: 5 });
  });

  it('names a component that upstream no longer has', async () => {
    const site = await startOpenshiftSite();
    const gone = `${COMPONENTS}@sha256:${'1'.repeat(64)}`;
    const around = (payload: readonly RawEntry[]): readonly (readonly RawEntry[])[] => [
      edited(payload, /quay[^"]*art-dev@sha256:[0-9a-f]{64}/, gone),
    ];
    await site.release({ version: '4.20.3', around });
    expect(await problemsOf(site.build(part(`releases: ["${REFERENCE}"]`)))).toEqual([
      expect.stringMatching(`^ERR_UPSTREAM_NOT_FOUND .*${gone}`),
    ]);
  });

  it('keeps a list byte for byte, whatever platforms the spec asks for of other images', async () => {
    const site = await startOpenshiftSite();
    const image = await site.release({
      version: '4.20.3',
      architectures: ['amd64', 'arm64'],
      tag: '4.20.3-multi',
    });
    const text = `platforms: [linux/amd64]\n${part(`releases: ["${RELEASES}:4.20.3-multi"]`)}`;
    const items = await itemsOf(site, text);
    expect(items.at(-1)).toMatchObject({ kind: 'openshift', name: '4.20.3-multi' });
    expect(items[0]).toMatchObject({ digest: image.root.digest });
  });
});

describe('releases by version', () => {
  const three = async (site: OpenshiftSite): Promise<readonly (readonly [string, SampleImage])[]> => {
    const images: (readonly [string, SampleImage])[] = [];
    for (const version of ['4.20.1', '4.20.2', '4.20.3'])
      images.push([version, await site.release({ version })]);
    return images;
  };
  const releasesIn = async (site: OpenshiftSite, text: string): Promise<readonly unknown[]> =>
    (await itemsOf(site, text)).filter(({ kind }) => kind === 'openshift').map(({ name }) => name);

  it('are found in the first channel that has them, and locked', async () => {
    const site = await startOpenshiftSite();
    const releases = await three(site);
    site.channel('fast-4.20', []);
    site.channel('stable-4.20', releases);
    const text = part('releases: [4.20.3]');
    const built = await site.build(text);
    const lock = readFileSync(join(site.folder, 'lab.lock.json'), 'utf8');
    expect(lock).toContain(
      `  "openshift": {\n    "4.20.3 amd64": {\n      "4.20.3": "${RELEASES}@${releases[2]?.[1].root.digest}"\n    }\n  }`,
    );
    site.answers.delete('/graph?arch=amd64&channel=stable-4.20');
    expect((await site.build(text, { locked: true, out: join(site.folder, 'again.tar') })).root).toBe(
      built.root,
    );
  });

  it.each([
    ['name: stable-4.20', ['4.20.3']],
    ['name: stable-4.20, from: 4.20.2', ['4.20.2', '4.20.3']],
    ['name: stable-4.20, to: 4.20.2', ['4.20.1', '4.20.2']],
    ['name: stable-4.20, from: 4.20.1, to: 4.20.3', ['4.20.1', '4.20.2', '4.20.3']],
    ['name: stable-4.20, from: 4.20.1, to: 4.20.3, shortestPath: true', ['4.20.1', '4.20.3']],
    ['name: stable-4.20, from: 4.20.2, to: 4.20.2', ['4.20.2']],
  ])('of a channel are those between its ends: %s', async (channel, versions) => {
    const site = await startOpenshiftSite();
    // With a circle, which real graphs do not have.
    site.channel('stable-4.20', await three(site), {
      edges: [
        [0, 1],
        [1, 2],
        [0, 2],
        [2, 0],
      ],
    });
    expect(await releasesIn(site, part(`channels: [{ ${channel} }]`))).toEqual(
      versions.map((version) => `${version}-x86_64`),
    );
  });

  it.each<
    readonly [
      string,
      string,
      (site: OpenshiftSite, releases: readonly (readonly [string, SampleImage])[]) => void,
      RegExp,
      RegExp,
    ]
  >([
    [
      'are in no channel',
      'releases: [4.20.9]',
      (site, releases) => {
        for (const name of ['fast', 'stable', 'candidate']) site.channel(`${name}-4.20`, releases);
      },
      /^ERR_UPSTREAM_NOT_FOUND Cannot find OpenShift 4\.20\.9 for amd64: none of fast-4\.20, stable-4\.20, candidate-4\.20 has it/,
      /The nearest release is 4\.20\.3/,
    ],
    [
      'are of an unknown channel',
      'channels: [{ name: stable-4.99 }]',
      (site) => site.channel('stable-4.99', []),
      /there are no releases in it/,
      /Check the channel/,
    ],
    [
      'lack an end',
      'channels: [{ name: stable-4.20, from: 4.20.0, to: 4.20.3 }]',
      (site, releases) => site.channel('stable-4.20', releases),
      /Cannot find OpenShift 4\.20\.0 for amd64: "stable-4\.20" does not have it/,
      /nearest release is 4\.20\.1/,
    ],
    [
      'have no way between them',
      'channels: [{ name: stable-4.20, from: 4.20.1, to: 4.20.3, shortestPath: true }]',
      (site, releases) =>
        site.channel('stable-4.20', releases, {
          edges: [
            [0, 1],
            [2, 1],
          ],
        }),
      /Cannot find an upgrade path from OpenShift 4\.20\.1 to 4\.20\.3/,
      /Choose the channel/,
    ],
    [
      'have a circle and no way',
      'channels: [{ name: stable-4.20, from: 4.20.1, to: 4.20.3, shortestPath: true }]',
      (site, releases) =>
        site.channel('stable-4.20', releases, {
          edges: [
            [0, 1],
            [1, 0],
          ],
        }),
      /Cannot find an upgrade path/,
      /Choose/,
    ],
    [
      'have edges to nowhere',
      'channels: [{ name: stable-4.20 }]',
      (site, releases) => site.channel('stable-4.20', releases, { edges: [[0, 7]] }),
      /^ERR_DOCUMENT_INVALID .*does not join two releases/,
      /./,
    ],
    [
      'have edges that are none',
      'channels: [{ name: stable-4.20 }]',
      (site, releases) => site.channel('stable-4.20', releases, { edges: [['0', '1']] }),
      /does not join two releases/,
      /./,
    ],
    [
      'are there twice',
      'channels: [{ name: stable-4.20 }]',
      (site, releases) => site.channel('stable-4.20', [...releases, ...releases]),
      /it has a release twice/,
      /./,
    ],
    [
      'are a web page',
      'channels: [{ name: stable-4.20 }]',
      (site) =>
        site.answers.set('/graph?arch=amd64&channel=stable-4.20', { type: 'text/html', body: '<html>' }),
      /^ERR_HTTP_BODY/,
      /./,
    ],
    [
      'are no JSON',
      'channels: [{ name: stable-4.20 }]',
      (site) => site.answers.set('/graph?arch=amd64&channel=stable-4.20', { body: 'no' }),
      /it is not JSON/,
      /./,
    ],
    [
      'say that they are another',
      'channels: [{ name: stable-4.20 }]',
      (site, releases) =>
        site.channel(
          'stable-4.20',
          releases.map(([version, image]) => [version.replace('4.20.3', '4.20.4'), image] as const),
        ),
      /as OpenShift 4\.20\.4: it says that it is 4\.20\.3/,
      /./,
    ],
  ])('that %s are an error', async (_, text, prepare, message, hint) => {
    const site = await startOpenshiftSite();
    prepare(site, await three(site));
    expect(await problemsOf(site.build(part(text)))).toEqual([expect.stringMatching(message)]);
    expect((await hintsOf(site.build(part(text))))[0] ?? 'none').toMatch(hint);
  });
});

function edited(payload: readonly RawEntry[], pattern: RegExp, text: string): readonly RawEntry[] {
  return payload.map((entry) =>
    entry.path.endsWith('image-references')
      ? { ...entry, bytes: String(entry.bytes).replace(pattern, text) }
      : entry,
  );
}

function changed(payload: readonly RawEntry[], name: string, bytes: string): readonly RawEntry[] {
  return payload.map((entry) => (entry.path.endsWith(name) ? { ...entry, bytes } : entry));
}

it('is no release when its layers are no archives', async () => {
  const site = await startOpenshiftSite();
  const image = layeredImage({ layers: [[]] });
  await site.quay.seed('openshift-release-dev/ocp-release', image, '4.20.3-x86_64');
  expect(await problemsOf(site.build(part(`releases: ["${REFERENCE}"]`)))).toEqual([
    expect.stringMatching(/no layer of it has/),
  ]);
});
