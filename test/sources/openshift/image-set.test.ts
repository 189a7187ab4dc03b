import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inspectBundle } from '../../../src/verbs/inspect.ts';
import { sampleImage } from '../../support/samples/sample-image.ts';
import { type OpenshiftSite, startOpenshiftSite } from '../../support/sites/openshift-site.ts';
import { hintsOf, problemsOf } from '../../support/thrown.ts';

const surroundings = { env: {}, home: '/', host: { platform: 'linux', arch: 'x64' } };
const KEYS = 'openshift: { keys: [keys.asc] }\n';

function include(site: OpenshiftSite, mirror: string): string {
  writeFileSync(
    join(site.folder, 'isc.yaml'),
    `kind: ImageSetConfiguration\napiVersion: mirror.openshift.io/v2alpha1\nmirror: ${mirror}\n`,
  );
  return `include: [isc.yaml]\n${KEYS}`;
}

async function site(): Promise<OpenshiftSite> {
  const started = await startOpenshiftSite();
  const [first, second, third, fourth] = [
    await started.release({ version: '4.19.1' }),
    await started.release({ version: '4.19.2' }),
    await started.release({ version: '4.20.0' }),
    await started.release({ version: '4.20.3' }),
  ];
  started.channel('stable-4.19', [
    ['4.19.1', first],
    ['4.19.2', second],
  ]);
  started.channel('stable-4.20', [
    ['4.19.2', second],
    ['4.20.0', third],
    ['4.20.3', fourth],
  ]);
  return started;
}

describe('an ImageSetConfiguration that is built', () => {
  it.each([
    ['the newest release', '[{ name: stable-4.20 }]', ['4.20.3']],
    ['all of a channel', '[{ name: stable-4.20, full: true }]', ['4.19.2', '4.20.0', '4.20.3']],
    ['from one on', '[{ name: stable-4.20, minVersion: 4.20.0 }]', ['4.20.0', '4.20.3']],
    ['up to one', '[{ name: stable-4.20, maxVersion: 4.20.0 }]', ['4.19.2', '4.20.0']],
    [
      'what leads from one channel to another',
      '[{ name: stable-4.19, minVersion: 4.19.1, maxVersion: 4.19.1 }, { name: stable-4.20 }]',
      ['4.19.1', '4.19.2', '4.20.0', '4.20.3'],
    ],
  ])('carries %s', async (_, channels, expected) => {
    const lab = await site();
    const { path, root, findings } = await lab.build(include(lab, `{ platform: { channels: ${channels} } }`));
    const { items } = await inspectBundle({ path }, surroundings);
    expect(items.filter(({ kind }) => kind === 'openshift').map(({ name }) => name)).toEqual(
      expected.map((version) => `${version}-x86_64`),
    );
    expect(findings.filter(({ message }) => message.includes('upgrade'))).toEqual([]);
    const locked = await lab.build(`include: [isc.yaml]\n${KEYS}`, { locked: true });
    expect(locked.root).toBe(root);
  });

  it('warns where the way between channels ends early', async () => {
    const lab = await site();
    lab.channel('stable-4.20', [['4.20.3', await lab.release({ version: '4.20.3' })]]);
    const channels = '[{ name: stable-4.19 }, { name: stable-4.20 }]';
    const { findings } = await lab.build(include(lab, `{ platform: { channels: ${channels} } }`));
    expect(findings.map(({ message }) => message)).toContainEqual(
      'The update service knows no upgrade from OpenShift 4.19.2 (stable-4.19) to 4.20.3 (stable-4.20) for amd64: it ends at 4.19.2',
    );
  });

  it('carries the images that it lists, without those that it blocks', async () => {
    const lab = await site();
    for (const name of ['app', 'app-debug', 'other'])
      await lab.quay.seed(`lab/${name}`, sampleImage({ name }), '1');
    const images = ['app', 'app-debug', 'other']
      .map((name) => `{ name: "quay.io/lab/${name}:1" }`)
      .join(', ');
    const { path } = await lab.build(
      include(
        lab,
        `{ additionalImages: [${images}], blockedImages: [{ name: "lab/.*-debug" }, { name: "^other" }] }`,
      ).replace(KEYS, ''),
    );
    const { items } = await inspectBundle({ path }, surroundings);
    expect(items.map(({ name }) => name)).toEqual(['quay.io/lab/app:1', 'quay.io/lab/other:1']);
  });

  it('does not take a release apart', async () => {
    const lab = await site();
    const task = lab.build(
      include(lab, '{ platform: { channels: [{ name: stable-4.20 }] }, blockedImages: [{ name: ocp-v4 }] }'),
    );
    expect(await problemsOf(task)).toEqual([
      expect.stringMatching(
        /^ERR_SPEC_INVALID Cannot leave out image "quay.*: it is a part of OpenShift that is carried whole/,
      ),
    ]);
  });

  it('is told of a release that the channel does not have', async () => {
    const lab = await site();
    const channels = '[{ name: stable-4.20, maxVersion: 4.20.9 }]';
    const hints = await hintsOf(lab.build(include(lab, `{ platform: { channels: ${channels} } }`)));
    expect(hints).toEqual([expect.stringMatching(/nearest release is 4\.20\.3/)]);
  });
});
