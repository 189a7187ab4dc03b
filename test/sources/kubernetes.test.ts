import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { PlannedItem } from '../../src/bundle/format/item.ts';
import { plannedText } from '../support/planned/document.ts';
import { plannedFiles } from '../support/planned/layers.ts';
import { sampleImage } from '../support/samples/sample-image.ts';
import { startBench } from '../support/sites/source-context.ts';
import { resolveDocument, type SpecDocument } from '../support/sites/spec-document.ts';
import { problemsOf } from '../support/thrown.ts';

const versionsSchema = z.object({
  cacheVersion: z.literal(2),
  versions: z.array(z.string()),
  channels: z.record(z.string(), z.string()),
});

function desktop(versions: readonly string[], more: SpecDocument = {}): SpecDocument {
  return { rancherDesktop: { versions, platforms: ['linux/amd64'], ...more } };
}

function names(items: readonly PlannedItem[], kind: string): readonly string[] {
  return items.filter(({ item }) => item.kind === kind).map(({ item }) => item.name);
}

function listIn(items: readonly PlannedItem[]): z.infer<typeof versionsSchema> {
  return versionsSchema.parse(JSON.parse(plannedText(items, 'k3s-versions.json')));
}

describe('nothing about Kubernetes', () => {
  it('sends no request', async () => {
    await using bench = await startBench();
    expect(await resolveDocument({}, bench.context)).toEqual([]);
    expect(bench.asked()).toEqual([]);
  });
});

describe('rancherDesktop', () => {
  it('brings K3s, its clients and the list of versions', async () => {
    await using bench = await startBench();
    const items = await resolveDocument(desktop(['v1.30.6+k3s1', '1.31.2', 'v1.32']), bench.context);
    expect(names(items, 'k3s')).toEqual(['v1.30.6+k3s1', 'v1.31.2+k3s2', 'v1.32.1+k3s1']);
    expect(names(items, 'kubectl')).toEqual([
      'v1.30.6 linux/amd64',
      'v1.31.2 linux/amd64',
      'v1.32.1 linux/amd64',
    ]);
    expect(names(items, 'k3s-versions')).toEqual(['k3s-versions.json']);
    expect(bench.warnings).toEqual([]);
  });

  it('lists every version upstream, labelled, and of a chosen one the build that was chosen', async () => {
    await using bench = await startBench({ pageSize: 4 });
    const list = listIn(await resolveDocument(desktop(['v1.31.2+k3s1']), bench.context));
    expect(list).toEqual({
      cacheVersion: 2,
      versions: [
        'v1.20.15+k3s1',
        'v1.24.17+k3s1',
        'v1.25.16+k3s4',
        'v1.30.4+k3s1',
        'v1.30.6+k3s1',
        'v1.31.2+k3s1',
        'v1.32.1+k3s1',
        'v1.36.2+k3s1',
        'v1.36.3+k3s1',
      ],
      channels: {
        latest: '1.36.3',
        stable: '1.36.3',
        'v1.20': '1.20.15',
        'v1.24': '1.24.17',
        'v1.25': '1.25.16',
        'v1.30': '1.30.6',
        'v1.31': '1.31.2',
        'v1.32': '1.32.1',
        'v1.36': '1.36.3',
      },
    });
  });

  it('brings for each desktop what it runs', async () => {
    await using bench = await startBench();
    const part = desktop(['1.30.6'], { platforms: ['windows/amd64', 'darwin/arm64'], minimumRelease: '1.6' });
    const items = await resolveDocument(part, bench.context);
    expect(items.map(({ item }) => item)).toContainEqual(
      expect.objectContaining({
        kind: 'k3s',
        architectures: ['amd64', 'arm64'],
        audience: ['rancher-desktop'],
      }),
    );
    expect(
      items
        .filter(({ item }) => item.kind === 'k3s')
        .flatMap(plannedFiles)
        .map(({ name }) => name),
    ).toEqual([
      'k3s',
      'k3s-airgap-images-amd64.tar',
      'k3s-airgap-images-amd64.tar.zst',
      'k3s-airgap-images-arm64.tar',
      'k3s-airgap-images-arm64.tar.zst',
      'k3s-arm64',
      'sha256sum-amd64.txt',
      'sha256sum-arm64.txt',
    ]);
    expect(names(items, 'kubectl')).toEqual([
      'v1.30.6 darwin/amd64',
      'v1.30.6 darwin/arm64',
      'v1.30.6 windows/amd64',
    ]);
  });

  it('brings the fewest clients when asked to', async () => {
    await using bench = await startBench();
    const items = await resolveDocument(
      desktop(['1.30.4', '1.31.2', '1.32.1'], { kubectl: 'minimal' }),
      bench.context,
    );
    expect(names(items, 'kubectl')).toEqual(['v1.31.2 linux/amd64']);
  });

  it('warns of a version without the pause image, unless the images bring it', async () => {
    await using bench = await startBench();
    await resolveDocument(desktop(['stable', '1.36.2']), bench.context);
    expect(bench.warnings.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^K3s v1\.36\.3\+k3s1: "docker.io\/rancher\/mirrored-pause:3\.6" is not among the airgap images/,
      ),
    ]);
    const images = { 'rancher/mirrored-pause:3.6': sampleImage({ name: 'pause' }) };
    await using cured = await startBench({ images });
    await resolveDocument({ ...desktop(['stable', '1.36.2']), images: Object.keys(images) }, cured.context);
    expect(cured.warnings).toEqual([]);
  });

  it('warns of a version below the minimum of current Rancher Desktop', async () => {
    await using bench = await startBench();
    await resolveDocument(desktop(['1.24.17', '1.25.16']), bench.context);
    expect(bench.warnings.map(({ message }) => message)).toEqual([
      'K3s v1.24.17+k3s1: Rancher Desktop 1.19 and newer does not offer versions below 1.25.3',
    ]);
  });

  it.each([
    ['nothing', { status: 404 }],
    ['an error', { status: 500 }],
    ['a login page', 'html'],
    ['half an answer', 'early-close'],
  ] as const)('does without the channels when their server answers with %s', async (_, answer) => {
    await using bench = await startBench();
    bench.upstream.faults.add({ path: '/v1-release/channels', answer });
    const items = await resolveDocument(desktop(['v1.30.6+k3s1', '1.31.2']), bench.context);
    expect(names(items, 'k3s')).toEqual(['v1.30.6+k3s1', 'v1.31.2+k3s2']);
    const { versions, channels } = listIn(items);
    expect(versions).toContain('v1.32.1+k3s1');
    expect(channels).toEqual({});
    expect(bench.warnings.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^The channels of K3s cannot be fetched, so "k3s-versions.json" goes without labels: Cannot .*channels"/,
      ),
    ]);
  });

  it('says why a channel cannot be looked up, once for all words that are one', async () => {
    await using bench = await startBench();
    bench.upstream.faults.add({ path: '/v1-release/channels', answer: 'html' });
    expect(await problemsOf(resolveDocument(desktop(['1.30.6', 'stable']), bench.context))).toEqual([
      expect.stringMatching(/^ERR_HTTP_BODY .*channels": the server answered with an HTML page/),
    ]);
  });

  it('stops when the list of releases, of which k3s-versions.json is made, cannot be fetched', async () => {
    await using bench = await startBench();
    bench.upstream.faults.add({ path: '/repos/k3s-io/k3s/releases', answer: 'html' });
    expect(await problemsOf(resolveDocument(desktop(['v1.30.6+k3s1']), bench.context))).toEqual([
      expect.stringMatching(/^ERR_HTTP_BODY .*releases": the server answered with an HTML page/),
    ]);
  });

  it.each([
    ['nothing', { status: 404 }],
    ['an error', { status: 500 }],
    ['a login page', 'html'],
  ] as const)('warns when the list of images of a release is %s', async (_, answer) => {
    await using bench = await startBench();
    bench.upstream.faults.add({ path: /k3s-images\.txt/, answer });
    const items = await resolveDocument(desktop(['1.30.6']), bench.context);
    expect(names(items, 'k3s')).toEqual(['v1.30.6+k3s1']);
    expect(bench.warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining('it is not known whether'),
    ]);
  });

  it('takes for each part the build that serves its own architectures', async () => {
    const [amd64, arm64] = [['sha256sum-arm64.txt', 'sha256sum-arm.txt'], ['sha256sum-arm.txt']];
    await using bench = await startBench({
      releases: [
        { tag: 'v1.31.2+k3s3', without: amd64 },
        { tag: 'v1.31.2+k3s2', without: arm64 },
        { tag: 'v1.31.2+k3s1' },
      ],
      channels: {},
    });
    const chosen = async (part: SpecDocument): Promise<readonly string[]> =>
      names(await resolveDocument(part, bench.context), 'k3s');
    const node = (architecture: string, word: string): SpecDocument => ({
      versions: [word],
      architectures: [architecture],
    });
    expect(await chosen(desktop(['1.31.2']))).toEqual(['v1.31.2+k3s3']);
    const both = desktop(['1.31.2'], { platforms: ['linux/amd64', 'darwin/arm64'] });
    expect(await chosen(both)).toEqual(['v1.31.2+k3s2']);
    expect(await chosen({ ...both, k3s: node('arm', '1.31.2') })).toEqual(['v1.31.2+k3s1', 'v1.31.2+k3s2']);
    // What is carried anyhow serves nodes too, if it can.
    expect(await chosen({ ...both, k3s: node('amd64', 'v1.31.2') })).toEqual(['v1.31.2+k3s2']);
    expect(await chosen({ k3s: node('amd64', 'v1.31.2') })).toEqual(['v1.31.2+k3s3']);
  });

  it('takes one version by several names once', async () => {
    await using bench = await startBench();
    const items = await resolveDocument(
      desktop(['1.36.3', 'stable', 'latest', 'v1.36.3+k3s1']),
      bench.context,
    );
    expect(names(items, 'k3s')).toEqual(['v1.36.3+k3s1']);
    expect(names(items, 'kubectl')).toEqual(['v1.36.3 linux/amd64']);
  });
});

describe('k3s', () => {
  it('brings nodes their files', async () => {
    await using bench = await startBench();
    const part: SpecDocument = {
      k3s: { versions: ['v1.30'], architectures: ['amd64', 'arm'] },
    };
    const items = await resolveDocument(part, bench.context);
    expect(items.map(({ item }) => item)).toMatchObject([
      { kind: 'k3s', name: 'v1.30.6+k3s1', architectures: ['amd64', 'arm'], audience: ['k3s-node'] },
    ]);
  });

  it('needs no list of releases for exact tags', async () => {
    await using bench = await startBench();
    const part: SpecDocument = {
      k3s: { versions: ['v1.30.6+k3s1'], architectures: ['amd64'] },
    };
    await resolveDocument(part, bench.context);
    expect(bench.asked().filter((asked) => /channels|repos/.test(asked))).toEqual([]);
  });

  it('shares an item with Rancher Desktop', async () => {
    await using bench = await startBench();
    const part = {
      ...desktop(['1.30.6']),
      k3s: { versions: ['v1.30.6+k3s1'], architectures: ['arm64' as const] },
    };
    const items = await resolveDocument(part, bench.context);
    expect(items.map(({ item }) => item).filter(({ kind }) => kind === 'k3s')).toMatchObject([
      { architectures: ['amd64', 'arm64'], audience: ['k3s-node', 'rancher-desktop'] },
    ]);
  });
});

describe('kubectl', () => {
  it('takes releases of Kubernetes without asking about K3s', async () => {
    await using bench = await startBench();
    const part: SpecDocument = {
      kubectl: { versions: ['1.29.3', 'v1.30.6+k3s1', 'v1.21.14'], platforms: ['linux/x86_64'] },
    };
    const items = await resolveDocument(part, bench.context);
    expect(names(items, 'kubectl')).toEqual([
      'v1.21.14 linux/amd64',
      'v1.29.3 linux/amd64',
      'v1.30.6 linux/amd64',
    ]);
    expect(bench.asked().filter((asked) => /channels|repos/.test(asked))).toEqual([]);
  });

  it('takes channels of K3s', async () => {
    await using bench = await startBench();
    const part: SpecDocument = {
      kubectl: { versions: ['v1.30'], platforms: ['darwin/arm64'] },
    };
    expect(names(await resolveDocument(part, bench.context), 'kubectl')).toEqual(['v1.30.6 darwin/arm64']);
  });

  it('shares clients with Rancher Desktop', async () => {
    await using bench = await startBench();
    const part = {
      ...desktop(['1.30.6']),
      kubectl: { versions: ['1.30.6', '1.29.3'], platforms: ['linux/amd64'] },
    };
    expect(names(await resolveDocument(part, bench.context), 'kubectl')).toEqual([
      'v1.29.3 linux/amd64',
      'v1.30.6 linux/amd64',
    ]);
  });
});

describe('a channel that names what no release has', () => {
  it.each(['rancherDesktop', 'k3s', 'kubectl'] as const)(
    'is the one thing that is reported: %s',
    async (key) => {
      const channels = { stable: 'v1.99.9+k3s1' };
      await using bench = await startBench({ channels });
      const part: SpecDocument = {
        rancherDesktop: { rancherDesktop: { versions: ['stable'], platforms: ['linux/amd64'] } },
        k3s: { k3s: { versions: ['stable'], architectures: ['amd64'] } },
        kubectl: {
          rancherDesktop: { versions: ['stable'], platforms: ['linux/amd64'], kubectl: 'minimal' },
          k3s: { versions: ['stable'], architectures: ['amd64'] },
        },
      }[key];
      expect(await problemsOf(resolveDocument(part, bench.context))).toEqual([
        'ERR_UPSTREAM_NOT_FOUND Cannot find K3s version "stable": the channel names "v1.99.9+k3s1", and no release has it',
      ]);
      expect(bench.warnings).toEqual([]);
    },
  );
});

describe('a problem with versions', () => {
  it('is reported with all others, those of the known versions included', async () => {
    await using bench = await startBench();
    bench.upstream.faults.add({ path: /v1\.30\.6\+k3s1\/sha256sum/, answer: { withoutLine: 'airgap' } });
    const part: SpecDocument = {
      rancherDesktop: {
        versions: ['1.30.6', '1.30.7', 'stabel'],
        platforms: ['linux/amd64', 'solaris/amd64'],
        kubectl: 'minimal',
      },
      k3s: { versions: ['1.36.1', '1.30.7'], architectures: ['amd64'] },
      kubectl: { versions: ['1.99.0'], platforms: ['linux/amd64'] },
    };
    expect(await problemsOf(resolveDocument(part, bench.context))).toEqual([
      'ERR_UPSTREAM_NOT_FOUND Cannot find K3s version "1.30.7": no release has it',
      'ERR_UPSTREAM_NOT_FOUND Cannot find K3s version "stabel": there is no such release or channel',
      'ERR_PLATFORM_INVALID Cannot serve Rancher Desktop on "solaris/amd64": it does not run there',
      expect.stringContaining('ERR_CHECKSUM_MISSING Cannot check "k3s-airgap-images-amd64.tar.zst"'),
      'ERR_UPSTREAM_NOT_FOUND Cannot find K3s version "1.36.1": "v1.36.1+k3s1" has no airgap images for amd64',
      expect.stringContaining('ERR_UPSTREAM_NOT_FOUND Cannot find kubectl 1.99.0'),
    ]);
  });
});
