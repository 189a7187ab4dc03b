import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type InstallProgress } from '../../src/verbs/install.ts';
import { decodeReceipt } from '../../src/targets/receipts/receipt.ts';
import { install, installLab, LAB, TAG } from '../support/sites/install-lab.ts';
import { plannedFile, plannedImage } from '../support/planned/items.ts';
import { startRegistry } from '../support/registry/registry.ts';
import { sampleImage } from '../support/samples/sample-image.ts';
import { k3sSample, kubectlSample } from '../support/samples/target-samples.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { thrownBy } from '../support/thrown.ts';
import { filesUnder, namesUnder, stampOf } from '../support/tree.ts';

describe('installBundle', () => {
  it('fills, with no target named, what fits this host, and proves it', async () => {
    const lab = await installLab();
    const result = await install(lab.options);
    expect(result.actions.map(({ target, kind, name, outcome }) => [target, kind, name, outcome])).toEqual([
      ['rancher-desktop', 'k3s', TAG, 'placed'],
      ['rancher-desktop', 'k3s-versions', 'k3s-versions.json', 'placed'],
      ['kuberlr', 'kubectl', 'v1.30.6 linux/amd64', 'placed'],
      ['registry', 'image', 'docker.io/rancher/rancher:v2.9.2', 'pushed'],
      ['registry', 'image', 'quay.io/jetstack/cert-manager-controller:v1.15.3', 'pushed'],
    ]);
    expect(result.findings).toEqual([
      { level: 'ok', message: `Rancher Desktop will accept ${TAG}` },
      { level: 'ok', message: `kuberlr will use kubectl1.30.6 for K3s ${TAG}` },
      { level: 'ok', message: 'localhost:5000 answers for 2 images by digest and by name' },
    ]);
    expect(namesUnder(lab.home)).toEqual(
      expect.arrayContaining([
        `.cache/rancher-desktop/k3s/${TAG}/k3s`,
        '.cache/rancher-desktop/k3s-versions.json',
        '.kuberlr/linux-amd64/kubectl1.30.6',
      ]),
    );
    expect(JSON.stringify(result)).toContain(lab.root);
  });

  it('warns of what a manifest that the bundle carries asks for, and the bundle does not have', async () => {
    const pod = 'apiVersion: v1\nkind: Pod\nspec: { containers: [{ image: "team/gone:1" }] }\n';
    const lab = await installLab([plannedFile('manifests', Buffer.from(pod))]);
    const { findings } = await install({ ...lab.options, targets: { files: lab.at('out') } });
    expect(findings[0]).toMatchObject({
      level: 'warning',
      message: '1 image that a manifest asks for is not in the bundle: docker.io/team/gone:1',
    });
  });

  it('says that a foreign tag is replaced, and what was set aside of a list', async () => {
    const lab = await installLab();
    const cache = join(lab.home, '.cache', 'rancher-desktop');
    mkdirSync(cache, { recursive: true });
    writeFileSync(join(cache, 'k3s-versions.json'), 'nonsense');
    await lab.registry.seed('rancher/rancher', sampleImage({ name: 'somebody else' }), 'v2.9.2');
    const { actions, findings } = await install(lab.options);
    const outcomes = actions.filter(({ kind }) => kind === 'image').map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['replaced', 'pushed']);
    expect(findings).toContainEqual({
      level: 'warning',
      message: expect.stringContaining(`what was there is in ${join(cache, 'k3s-versions.json.bak')}`),
    });
  });

  it('changes nothing the second time, says so, and leaves the receipt as it is', async () => {
    const lab = await installLab();
    const first = await install(lab.options);
    const stamps = namesUnder(lab.home).map((name) => stampOf(join(lab.home, name)));
    lab.registry.log.clear();
    const second = await install(lab.options);
    expect(new Set(second.actions.map(({ outcome }) => outcome))).toEqual(new Set(['present']));
    expect(second.receipt).toBe(first.receipt);
    expect(namesUnder(lab.home).map((name) => stampOf(join(lab.home, name)))).toEqual(stamps);
    expect(lab.registry.log.entries.filter(({ method }) => !['GET', 'HEAD'].includes(method))).toEqual([]);
  });

  it('writes a receipt of what came where, and of all content that a delta may leave out', async () => {
    const lab = await installLab();
    const { receipt = '' } = await install({
      ...lab.options,
      targets: { registry: ['localhost:5000'], files: lab.at('files') },
    });
    expect(receipt).toBe(
      join(lab.home, '.local/state/saddlebag/receipts', `lab-${lab.root.slice(7, 19)}.json`),
    );
    const images = LAB.slice(0, 2).flatMap(({ contents }) =>
      contents.map(({ descriptor }) => descriptor.digest),
    );
    const file = LAB[5]?.contents.map(({ descriptor }) => descriptor.digest).slice(1) ?? [];
    const written = decodeReceipt(readFileSync(receipt));
    expect({ ...written, blobs: [...written.blobs] }).toMatchObject({
      root: lab.root,
      name: 'lab',
      complete: true,
      targets: [
        { target: 'files', place: lab.at('files') },
        { target: 'registry', place: 'localhost:5000' },
      ],
      paths: [lab.at('files/tool')],
      references: [
        { reference: 'localhost:5000/quay.io/jetstack/cert-manager-controller:v1.15.3' },
        { reference: 'localhost:5000/rancher/rancher:v2.9.2' },
      ],
      blobs: [...new Set([...images, ...file])].sort(),
    });
  });

  it('does to the named targets what is asked, and to no other', async () => {
    const lab = await installLab();
    await install({ ...lab.options, targets: { files: lab.at('files'), 'k3s-node': lab.at('node') } });
    expect(Object.keys(filesUnder(lab.at('files')))).toEqual(['tool']);
    expect(namesUnder(lab.at('node'))).toContain('usr/local/bin/k3s');
    expect(existsSync(lab.at('home/.cache'))).toBe(false);
    expect(existsSync(lab.at('home/.kuberlr'))).toBe(false);
    expect(lab.registry.log.entries).toEqual([]);
  });

  it('says in a dry run what would change and how much space it takes, and changes nothing', async () => {
    const lab = await installLab();
    const result = await install({ ...lab.options, dryRun: true });
    expect(new Set(result.actions.map(({ outcome }) => outcome))).toEqual(new Set(['planned']));
    expect(result.receipt).toBeUndefined();
    expect(result.findings).toEqual([]);
    const onDisk = result.actions.filter(({ target }) => target !== 'registry');
    expect(result.space).toEqual([
      {
        place: join(lab.home, '.cache/rancher-desktop'),
        needed: onDisk.reduce((sum, { bytes }) => sum + bytes, 0),
        free: expect.any(Number),
      },
    ]);
    expect(namesUnder(lab.home)).toEqual([]);
    expect(lab.registry.log.entries.filter(({ method }) => !['GET', 'HEAD'].includes(method))).toEqual([]);
    await install(lab.options);
    const again = await install({ ...lab.options, dryRun: true });
    expect(new Set(again.actions.map(({ outcome }) => outcome))).toEqual(new Set(['present']));
  });

  it('prepares for another host in directories that are named', async () => {
    const lab = await installLab([k3sSample(TAG), kubectlSample('1.30.6', 'windows/amd64')]);
    const options = {
      ...lab.options,
      hostPlatform: 'windows/x86_64',
      targets: { 'rancher-desktop': lab.at('cache'), kuberlr: lab.at('k') },
    };
    const { findings } = await install(options);
    expect(findings.map(({ message }) => message)).toEqual([
      `Rancher Desktop will accept ${TAG}`,
      `kuberlr will use kubectl1.30.6.exe for K3s ${TAG}`,
    ]);
    expect(namesUnder(lab.at('k'))).toEqual(['windows-amd64', 'windows-amd64/kubectl1.30.6.exe']);
    expect(await thrownBy(install({ ...options, targets: { kuberlr: true } }))).toMatchObject({
      code: 'ERR_USAGE_INVALID',
    });
    expect(await thrownBy(install({ ...options, hostPlatform: 'windows' }))).toMatchObject({
      code: 'ERR_PLATFORM_INVALID',
    });
  });

  it('repairs a target that someone changed', async () => {
    const lab = await installLab();
    await install(lab.options);
    const cache = join(lab.home, '.cache/rancher-desktop');
    const whole = filesUnder(cache);
    writeFileSync(join(cache, 'k3s', TAG, 'k3s'), 'changed');
    chmodSync(join(lab.home, '.kuberlr/linux-amd64/kubectl1.30.6'), 0o600);
    const { actions } = await install(lab.options);
    expect(actions.map(({ outcome }) => outcome)).toEqual([
      'replaced',
      'present',
      'replaced',
      'present',
      'present',
    ]);
    expect(filesUnder(cache)).toEqual(whole);
  });

  it('says how far it is, in the order of the work', async () => {
    const lab = await installLab();
    const seen: InstallProgress[] = [];
    await install({ ...lab.options, onProgress: (progress) => void seen.push(progress) });
    const phases = seen.map(({ phase }) => phase).filter((phase, index, all) => phase !== all[index - 1]);
    expect(phases).toEqual(['verify', 'plan', 'apply', 'prove']);
    const applied = seen.filter((progress) => progress.phase === 'apply');
    expect(applied.at(-1)).toMatchObject({ actionsDone: 5, actionsTotal: 5 });
    for (const { bytesDone, bytesTotal } of applied) expect(bytesDone).toBeLessThanOrEqual(bytesTotal);
  });
});

describe('credentials', () => {
  it('get to the registry, and into nothing that is kept', async () => {
    const registry = await startRegistry({
      auth: { scheme: 'basic', username: 'ana', password: 'open-sesame' },
    });
    onTestFinished(() => registry[Symbol.asyncDispose]());
    const lab = await installLab([plannedImage('docker.io/rancher/rancher:v2.9.2')]);
    const { openRegistry: _, ...options } = lab.options;
    using folder = temporaryFolder();
    const registriesFile = join(folder.path, 'registries.yaml');
    const configs = { [registry.host]: { auth: { username: 'ana', password: 'open-sesame' } } };
    const mirrors = { '*': { endpoint: ['http://127.0.0.1:1'] } };
    // JSON is YAML.
    writeFileSync(registriesFile, JSON.stringify({ configs, mirrors }));
    const result = await install({
      ...options,
      targets: { registry: [`${registry.host}/mirror`] },
      registriesFile,
    });
    expect(result.actions).toMatchObject([
      { destination: `${registry.host}/mirror/rancher/rancher:v2.9.2`, outcome: 'pushed' },
    ]);
    expect(JSON.stringify([result, filesUnder(lab.home)])).not.toMatch(/open-sesame|YW5hOm9wZW4/);
    const error = await thrownBy(install({ ...options, targets: { registry: [registry.host] } }));
    expect(error.code).toBe('ERR_REGISTRY_DENIED');
  });
});
