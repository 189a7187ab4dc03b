import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { blobPath } from '../../../src/bundle/format/layout.ts';
import { startService } from '../../../src/serve/service.ts';
import {
  install,
  type InstallLab,
  installLab,
  LAB,
  type LabOptions,
} from '../../support/sites/install-lab.ts';
import { plannedImage } from '../../support/planned/items.ts';
import { sampleBundle } from '../../support/samples/sample-bundle.ts';
import { thrownBy } from '../../support/thrown.ts';
import { namesUnder } from '../../support/tree.ts';

const IMAGES = ['docker.io/rancher/rancher:v2.9.2', 'quay.io/jetstack/cert-manager-controller:v1.15.3'];

const into = (lab: InstallLab, name = 'served'): LabOptions => ({
  ...lab.options,
  targets: { registry: [`embedded:${lab.at(name)}`] },
});

async function outcomesOf(options: LabOptions): Promise<readonly string[]> {
  const { actions } = await install(options);
  return actions.map(({ outcome }) => outcome);
}

/** Serves a folder and returns the status of each image under its original name. */
async function pull(folder: string, names: readonly string[] = IMAGES): Promise<readonly number[]> {
  const service = await startService({ paths: [folder], host: '127.0.0.1', port: 0 });
  try {
    return await Promise.all(
      names.map(async (name) => {
        const [, host, repository, tag] = /^([^/]+)\/(.+):(.+)$/.exec(name) ?? [];
        const response = await fetch(`${service.url}/v2/${repository}/manifests/${tag}?ns=${host}`);
        await response.arrayBuffer();
        return response.status;
      }),
    );
  } finally {
    await service.stop(0);
  }
}

describe('an install into a folder that is to be served', () => {
  it('puts every image there under its own name, and a server answers for it', async () => {
    const lab = await installLab();
    expect(await outcomesOf(into(lab))).toEqual(['placed', 'placed']);
    expect(namesUnder(lab.at('served')).filter((path) => !path.includes('sha256/'))).toEqual([
      'blobs',
      'blobs/sha256',
      'index.json',
      'oci-layout',
    ]);
    expect(await pull(lab.at('served'))).toEqual([200, 200]);
    // No registry was asked for anything.
    expect(lab.registry.log.entries).toEqual([]);
  });

  it('proves it by reading every byte again, and says how to serve it', async () => {
    const lab = await installLab();
    const { findings } = await install(into(lab));
    expect(findings).toEqual([
      { level: 'ok', message: expect.stringContaining(`bundle serve ${lab.at('served')}`) },
    ]);
  });

  it('done twice is done once', async () => {
    const lab = await installLab();
    await install(into(lab));
    const before = readFileSync(lab.at('served/index.json'));
    expect(await outcomesOf(into(lab))).toEqual(['present', 'present']);
    expect(readFileSync(lab.at('served/index.json')).equals(before)).toBe(true);
  });

  it('repairs what is damaged or gone', async () => {
    const lab = await installLab();
    await install(into(lab));
    const { digest } = LAB[0]?.planned.item.descriptor ?? { digest: undefined };
    if (digest === undefined) throw new Error('the lab has no image');
    truncateSync(lab.at(`served/${blobPath(digest)}`), 3);
    expect(await outcomesOf(into(lab))).toEqual(['placed', 'present']);
    rmSync(lab.at('served/index.json'));
    expect(await outcomesOf(into(lab))).toEqual(['placed', 'placed']);
    expect(await pull(lab.at('served'))).toEqual([200, 200]);
  });

  it('keeps what others have listed there, and takes over a name that stood for something else', async () => {
    const lab = await installLab();
    await install(into(lab));
    const next = sampleBundle([
      plannedImage('docker.io/rancher/rancher:v2.9.2', { layers: 3 }),
      plannedImage('docker.io/rancher/shell:v1'),
    ]);
    writeFileSync(lab.at('next.tar'), next.tar);
    expect(await outcomesOf({ ...into(lab), path: lab.at('next.tar') })).toEqual(['replaced', 'placed']);
    expect(await pull(lab.at('served'), [...IMAGES, 'docker.io/rancher/shell:v1'])).toEqual([200, 200, 200]);
  });

  it('may be beside a real registry, and changes nothing in a rehearsal', async () => {
    const lab = await installLab();
    const both = { ...into(lab), targets: { registry: [`embedded:${lab.at('served')}`, lab.registry.host] } };
    const rehearsed = await install({ ...both, dryRun: true });
    expect(new Set(rehearsed.actions.map(({ outcome }) => outcome))).toEqual(new Set(['planned']));
    expect(namesUnder(lab.at('.')).includes('served')).toBe(false);
    expect(await outcomesOf(both)).toEqual(['placed', 'placed', 'pushed', 'pushed']);
  });

  it.each([
    ['a bundle', 'bundle.json', '{}', 'ERR_TARGET_REFUSED'],
    ['a list that is none', 'index.json', '[]', 'ERR_DOCUMENT_INVALID'],
  ])('stops before any change where %s is', async (_, name, text, code) => {
    const lab = await installLab();
    mkdirSync(lab.at('served'));
    writeFileSync(join(lab.at('served'), name), text);
    expect(await thrownBy(install(into(lab)))).toMatchObject({ code });
    expect(namesUnder(lab.at('served'))).toEqual([name]);
  });

  it.each(['bundle.json', 'index.json'])('stops before any change where %s cannot be read', async (name) => {
    const lab = await installLab();
    mkdirSync(join(lab.at('served'), name), { recursive: true });
    expect(await thrownBy(install(into(lab)))).toMatchObject({
      code: 'ERR_TARGET_REFUSED',
      message: expect.stringMatching(/^Cannot read .*: it is a folder$/),
    });
    expect(namesUnder(lab.at('served'))).toEqual([name]);
  });

  it('is not served to whoever names a key: nobody can have signed it', async () => {
    const lab = await installLab();
    await install(into(lab));
    const service = startService({ paths: [lab.at('served')], host: '127.0.0.1', port: 0, signedOnly: true });
    expect(await thrownBy(service)).toMatchObject({ code: 'ERR_SIGNATURE_MISSING' });
  });

  it('needs a folder', async () => {
    const lab = await installLab();
    const options = { ...lab.options, targets: { registry: ['embedded:'] } };
    expect(await thrownBy(install(options))).toMatchObject({ code: 'ERR_USAGE_INVALID' });
  });
});
