import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chooseSources, nearestPart, partNames } from '../../../src/products/rancher/choice.ts';
import { parseImageSources } from '../../../src/products/rancher/image-sources.ts';
import { encodeLeftOut, parseLeftOut } from '../../../src/products/rancher/left-out.ts';
import { isMeant, listedReleases, namedRelease } from '../../../src/products/rancher/node-releases.ts';
import { RANCHER_PARTS } from '../../../src/products/rancher/parts.ts';
import { SOURCES_LINES } from '../../support/sites/rancher-release.ts';
import { problemsOf } from '../../support/thrown.ts';

const REAL = SOURCES_LINES.join('\n');
const parse = (text: string) => parseImageSources(text, 'sources.txt');

describe('the list of what wants each image of Rancher', () => {
  it('has every image once, with charts and words, without versions', () => {
    const sources = parse(REAL);
    expect(sources.size).toBe(SOURCES_LINES.length);
    expect(sources.get('docker.io/rancher/kubectl:v1.20.2')).toEqual([
      'rancher-gatekeeper',
      'rancher-monitoring',
    ]);
    expect(sources.get('docker.io/rancher/harvester-csi-driver:v0.2.1')).toEqual([
      'harvester-csi-driver',
      'rke2All',
    ]);
    expect(sources.get('docker.io/rancher/shell:v0.2.2')).toEqual(['core']);
  });

  it.each<readonly [string, string, readonly (readonly [string, readonly string[]])[]]>([
    [
      'two lines for one image are a union',
      'rancher/a:1 core\nrancher/a:1 appco\n',
      [['docker.io/rancher/a:1', ['appco', 'core']]],
    ],
    ['words that nobody knows are kept', 'rancher/a:1 brandNew\n', [['docker.io/rancher/a:1', ['brandNew']]]],
    [
      'a chart of custom resources goes with its chart',
      'rancher/a:1 rancher-logging-crd:1.0.0+up2,rancher-logging:1.0.0+up2\n',
      [['docker.io/rancher/a:1', ['rancher-logging']]],
    ],
    [
      'charts at a registry are images like others',
      'rancher/charts/fleet:104.1.0_up0.10.2 fleet:104.1.0+up0.10.2\n',
      [['docker.io/rancher/charts/fleet:104.1.0_up0.10.2', ['fleet']]],
    ],
    [
      'CRLF, a byte order mark, blank lines and a missing last line end are no matter',
      '\uFEFFrancher/a:1 core\r\n\r\nweaveworks/b:2 system',
      [
        ['docker.io/rancher/a:1', ['core']],
        ['docker.io/weaveworks/b:2', ['system']],
      ],
    ],
    ['an empty list is none', '', []],
  ])('%s', (_, text, expected) => {
    expect([...parse(text)]).toEqual(expected);
  });

  it.each([
    ['no source', 'rancher/a:1'],
    ['an empty source', 'rancher/a:1 core,,system'],
    ['blanks between sources', 'rancher/a:1 core, system'],
    ['a third field', 'rancher/a:1 core more'],
    ['no image', 'RANCHER core'],
    ['a source that is a path', 'rancher/a:1 ../core'],
    ['a page', '<html> <body>'],
  ])('is refused with %s, by line', async (_, line) => {
    const problems = await problemsOf((async () => parse(`rancher/ok:1 core\n${line}\n`))());
    expect(problems).toEqual([
      expect.stringMatching(/^ERR_LIST_INVALID .*at sources\.txt:2: expected an image/),
    ]);
  });
});

describe('the parts of Rancher', () => {
  const lists = [parse(REAL)];

  it('are those that the release has, charts of no known part by their own name', () => {
    expect(partNames([parse(`${REAL}\nrancher/x:1 brand-new:1.0.0\n`)])).toEqual([
      'backup',
      'brand-new',
      'cis',
      'extensions',
      'gatekeeper',
      'harvester',
      'istio',
      'k3s',
      'logging',
      'longhorn',
      'monitoring',
      'neuvector',
      'rancher',
      'rke2',
      'system',
      'vsphere',
    ]);
  });

  it('have names of their own, and no source in two of them', () => {
    const names = RANCHER_PARTS.map(({ name }) => name);
    const sources = RANCHER_PARTS.flatMap((part) => part.sources);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(sources).size).toBe(sources.length);
  });

  it.each<readonly [string, Parameters<typeof chooseSources>[1], readonly string[], readonly string[]]>([
    ['a part is all its charts', { without: ['monitoring'] }, ['core', 'longhorn'], ['rancher-monitoring']],
    ['a chart may be named', { without: ['rancher-logging'] }, ['core'], ['rancher-logging']],
    [
      'so may the chart of its resources',
      { without: ['rancher-logging-crd'] },
      ['core'],
      ['rancher-logging'],
    ],
    ['so may a word of the list', { without: ['rke2All'] }, ['k3sUpgrade'], ['rke2All']],
    [
      '"only" takes these, and what every installation needs',
      { only: ['longhorn', 'k3s'] },
      ['core', 'fleet', 'k3sUpgrade', 'longhorn', 'rancher', 'rancher-webhook', 'system-upgrade-controller'],
      ['rke2All', 'rancher-monitoring', 'system', 'ui-extension'],
    ],
    ['"only" Rancher is no mistake', { only: ['rancher'] }, ['core', 'rancher'], ['longhorn', 'k3sUpgrade']],
  ])('%s', (_, choice, taken, out) => {
    const chosen = chooseSources(lists, choice);
    expect([...chosen.taken]).toEqual(expect.arrayContaining([...taken]));
    expect(out.filter((source) => chosen.taken.has(source))).toEqual([]);
    expect({ unknown: chosen.unknown, needed: chosen.needed }).toEqual({ unknown: [], needed: [] });
  });

  it('are all taken when nothing is chosen', () => {
    const all = new Set([...(lists[0]?.values() ?? [])].flat());
    expect(chooseSources(lists, {}).taken).toEqual(all);
  });

  it.each([['rancher'], ['fleet'], ['core'], ['system-upgrade-controller']])(
    '%s cannot be left out',
    (name) => {
      expect(chooseSources(lists, { without: [name] }).needed).toEqual([name]);
    },
  );

  it.each([
    ['istoi', 'istio'],
    ['rancher-istoi', 'rancher-istio'],
    ['ali', undefined],
  ])('%s is none, and the nearest is %s', (name, near) => {
    expect(chooseSources(lists, { without: [name] }).unknown).toEqual([name]);
    expect(nearestPart(name, lists)).toBe(near);
  });

  it('that are known stand in the guide, with what does not work without them', () => {
    const guide = readFileSync(join(import.meta.dirname, '../../../docs/guides/rancher.md'), 'utf8');
    const rows = RANCHER_PARTS.map(
      ({ name, sources, without }) =>
        `| \`${name}\` | ${sources.map((source) => `\`${source}\``).join(', ')} | ${without} |`,
    );
    expect(rows.filter((row) => !guide.includes(row))).toEqual([]);
  });
});

describe('the list of what was left out', () => {
  it('reads back, sorted by image, each with its parts', () => {
    const part = (name: string, leftOut: readonly string[]) => ({ name, images: [], leftOut });
    const bytes = encodeLeftOut([
      part('istio', ['docker.io/rancher/b:1']),
      part('logging', ['docker.io/rancher/a:1', 'docker.io/rancher/b:1']),
    ]);
    expect(Buffer.from(bytes ?? []).toString()).toBe(
      'docker.io/rancher/a:1 logging\ndocker.io/rancher/b:1 istio,logging\n',
    );
    expect([...parseLeftOut(bytes ?? new Uint8Array())]).toEqual([
      ['docker.io/rancher/a:1', ['logging']],
      ['docker.io/rancher/b:1', ['istio', 'logging']],
    ]);
    expect(encodeLeftOut([part('istio', [])])).toBeUndefined();
  });
});

describe('the K3s and RKE2 releases that Rancher lists', () => {
  const titles = (images: readonly string[]): readonly string[] =>
    listedReleases(images).map(({ distribution, tag }) => `${distribution} ${tag.tag}`);

  it('are those with an image that upgrades or installs, each once, the oldest first', () => {
    expect(titles([...parse(REAL).keys()])).toEqual([
      'k3s v1.29.8+k3s1',
      'k3s v1.30.4+k3s1',
      'rke2 v1.29.8+rke2r1',
      'rke2 v1.30.4+rke2r1',
    ]);
    expect(
      titles(['rancher/system-agent-installer-k3s:v1.31.3-rc2-k3s1', 'rancher/k3s-upgrade:v1.9.1-k3s10']),
    ).toEqual(['k3s v1.9.1+k3s10', 'k3s v1.31.3-rc2+k3s1']);
  });

  it.each([
    ['rancher/k3s-upgrade:v1.30.4-rke2r1'],
    ['rancher/k3s-upgrade:latest'],
    ['rancher/rke2-runtime:v1.30.4-rke2r1'],
    ['quay.io/rancher/k3s-upgrade:v1.30.4-k3s1'],
  ])('are not told by %s', (image) => {
    expect(titles([image])).toEqual([]);
  });

  it.each([
    ['v1.30', true],
    ['1.30', true],
    ['v1.30.4', true],
    ['v1.30.4+k3s1', true],
    ['v1.3', false],
    ['v1.30.40', false],
    ['v1.30.4+k3s2', false],
    ['v1.30.4+rke2r1', false],
  ])('%s means v1.30.4+k3s1: %s', (word, meant) => {
    const release = namedRelease('v1.30.4+k3s1');
    expect(release !== undefined && isMeant(word, release)).toBe(meant);
  });
});
