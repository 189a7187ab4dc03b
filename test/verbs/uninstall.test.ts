import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { InstallResult } from '../../src/verbs/install.ts';
import type { Registry } from '../../src/oci/roles.ts';
import { decodeReceipt, encodeReceipt, type Receipt } from '../../src/targets/receipts/receipt.ts';
import { replaceCall, systemFailure } from '../support/disk/replaced-call.ts';
import { install, type InstallLab, installLab, LAB, TAG, takeBack } from '../support/sites/install-lab.ts';
import { sampleBundle } from '../support/samples/sample-bundle.ts';
import {
  fileSample,
  k3sSample,
  kubectlSample,
  versionListSample,
} from '../support/samples/target-samples.ts';
import { thrownBy } from '../support/thrown.ts';
import { filesUnder, namesUnder, stampOf } from '../support/tree.ts';

const RANCHER = 'rancher/rancher:v2.9.2';

describe('uninstall', () => {
  it('takes back everything at every target, the receipt last', async () => {
    const lab = await installLab();
    const before = filesUnder(lab.home);
    const { receipt, actions } = await put(lab);
    const result = await takeBack(receipt, lab.options);
    expect(result.receipt).toBe(receipt);
    expect(result.findings).toEqual([]);
    expect(
      result.actions.map(({ target, kind, name, outcome }) => [target, kind, name, outcome]).sort(byText),
    ).toEqual(actions.map(({ target, kind, name }) => [target, kind, name, 'removed']).sort(byText));
    expect(filesUnder(lab.home)).toEqual(before);
    expect(namesUnder(join(lab.home, '.cache/rancher-desktop'))).toEqual([]);
    expect(namesUnder(join(lab.home, '.kuberlr'))).toEqual([]);
    expect(lab.registry.content.manifest('rancher/rancher', 'v2.9.2')).toBeUndefined();
  });

  it.each([
    ['the bundle itself', (lab: InstallLab) => lab.options.path],
    ['a copy of it under another name', (lab: InstallLab) => copyTo(lab.options.path, lab.at('other.tar'))],
  ])('finds the receipt of an install by %s', async (_, pathOf) => {
    const lab = await installLab();
    const { receipt } = await put(lab);
    const result = await takeBack(pathOf(lab), lab.options);
    expect(result.receipt).toBe(receipt);
    expect(existsSync(receipt ?? '')).toBe(false);
    expect(namesUnder(join(lab.home, '.kuberlr'))).toEqual([]);
  });

  it.each<[string, (lab: InstallLab) => string, string]>([
    ['was never installed here', (lab) => lab.options.path, 'ERR_CONTENT_NOT_FOUND'],
    ['is not there', (lab) => lab.at('none.tar'), 'ERR_DISK_FAILED'],
    ['is none', (lab) => (writeFileSync(lab.at('text'), 'text'), lab.at('text')), 'ERR_BUNDLE_INVALID'],
  ])('says so when the bundle %s', async (_, pathOf, code) => {
    const lab = await installLab();
    expect((await thrownBy(takeBack(pathOf(lab), lab.options))).code).toBe(code);
  });

  it('takes back a node and plain files, and leaves the folders that were there before', async () => {
    const lab = await installLab();
    mkdirSync(lab.at('files'));
    writeFileSync(lab.at('files/mine'), 'mine');
    mkdirSync(lab.at('node/usr/local/bin'), { recursive: true });
    mkdirSync(lab.at('node/opt'));
    mkdirSync(join(lab.home, '.local/state/saddlebag/receipts'), { recursive: true });
    const { receipt } = await put(lab, {
      targets: { files: lab.at('files'), 'k3s-node': lab.at('node') },
    });
    await takeBack(receipt, lab.options);
    expect(receipt).toContain('.local/state/saddlebag/receipts');
    // The folder of receipts is ours, whoever made it, and goes when it is empty.
    expect(existsSync(dirname(dirname(receipt)))).toBe(false);
    expect(filesUnder(lab.at('files'))).toEqual({ mine: 'mine' });
    expect(namesUnder(lab.at('node'))).toEqual(['opt', 'usr', 'usr/local', 'usr/local/bin']);
    expect(existsSync(receipt)).toBe(false);
  });

  it('shows in a dry run what would go, and changes nothing', async () => {
    const lab = await installLab();
    const { receipt } = await put(lab);
    const stamps = stampsOf(lab);
    lab.registry.log.clear();
    const dry = await takeBack(receipt, { ...lab.options, dryRun: true });
    expect(stampsOf(lab)).toEqual(stamps);
    expect(lab.registry.log.entries.filter(({ method }) => !['GET', 'HEAD'].includes(method))).toEqual([]);
    expect((await takeBack(receipt, lab.options)).actions).toEqual(dry.actions);
  });

  it('keeps what was changed since, a release in the cache as a whole, and says so', async () => {
    const lab = await installLab();
    const { receipt } = await put(lab);
    const cache = join(lab.home, '.cache/rancher-desktop');
    const kubectl = join(lab.home, '.kuberlr/linux-amd64/kubectl1.30.6');
    const executable = join(cache, 'k3s', TAG, 'k3s');
    const [size, other] = [readFileSync(kubectl).length, filesUnder(cache)];
    writeFileSync(kubectl, 'x'.repeat(size));
    writeFileSync(executable, 'longer than it was, or shorter');
    const { actions, findings } = await takeBack(receipt, lab.options);
    expect(actions.filter(({ outcome }) => outcome === 'kept').map(({ kind }) => kind)).toEqual([
      'k3s',
      'k3s-versions',
      'kubectl',
    ]);
    expect(new Set(findings.map(({ about }) => about))).toEqual(new Set([executable, kubectl]));
    expect(Object.keys(filesUnder(cache))).toEqual(Object.keys(other));
    expect(listIn(cache).versions).toEqual([TAG]);
    expect(existsSync(receipt)).toBe(false);
  });

  it('keeps in the list of versions what was there before', async () => {
    const lab = await installLab();
    const cache = lab.at('cache');
    mkdirSync(cache);
    const mine = { cacheVersion: 2, versions: ['v1.29.1+k3s1'], channels: { 'v1.29': '1.29.1' } };
    writeFileSync(join(cache, 'k3s-versions.json'), JSON.stringify(mine));
    const { receipt } = await put(lab, { targets: { 'rancher-desktop': cache } });
    expect(listIn(cache).versions).toEqual(['v1.29.1+k3s1', TAG]);
    await takeBack(receipt, lab.options);
    expect(listIn(cache)).toEqual(mine);
    expect(namesUnder(cache)).toEqual(['k3s-versions.json']);
  });

  it('leaves a list that it had to set aside beside the place, and says where it is', async () => {
    const lab = await installLab();
    const cache = lab.at('cache');
    mkdirSync(cache);
    writeFileSync(join(cache, 'k3s-versions.json'), 'old');
    const { receipt } = await put(lab, { targets: { 'rancher-desktop': cache } });
    const { findings } = await takeBack(receipt, lab.options);
    expect(findings).toMatchObject([{ level: 'warning', about: join(cache, 'k3s-versions.json.bak') }]);
    expect(filesUnder(cache)).toEqual({ 'k3s-versions.json.bak': 'old' });
  });

  it('leaves to another install what both count on, and the last one takes it', async () => {
    const lab = await installLab();
    const first = await put(lab);
    const second = await installAlso(lab);
    const both = filesUnder(join(lab.home, '.cache/rancher-desktop/k3s', TAG));
    const { actions, findings } = await takeBack(first.receipt, lab.options);
    expect(
      actions
        .filter(({ outcome }) => outcome === 'kept')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['docker.io/rancher/rancher:v2.9.2', 'k3s-versions.json', 'v1.30.6 linux/amd64', TAG]);
    expect(findings).toMatchObject([{ level: 'ok', about: second.receipt }]);
    expect(filesUnder(join(lab.home, '.cache/rancher-desktop/k3s', TAG))).toEqual(both);
    expect(listIn(join(lab.home, '.cache/rancher-desktop')).versions).toContain(TAG);
    expect(lab.registry.content.manifest('rancher/rancher', 'v2.9.2')).toBeDefined();
    await takeBack(second.receipt, lab.options);
    expect(filesUnder(lab.home)).toEqual({});
    expect(lab.registry.content.manifest('rancher/rancher', 'v2.9.2')).toBeUndefined();
  });

  it('lets no copy of its own receipt keep anything', async () => {
    const lab = await installLab();
    const { receipt } = await put(lab);
    copyFileSync(receipt, join(dirname(receipt), 'copy.json'));
    const { actions } = await takeBack(receipt, lab.options);
    expect(new Set(actions.map(({ outcome }) => outcome))).toEqual(new Set(['removed']));
  });

  it('takes the sums of a release first: without them, Rancher Desktop does not count on the rest', async () => {
    const lab = await installLab();
    const { receipt } = await put(lab);
    const folder = join(lab.home, '.cache/rancher-desktop/k3s', TAG);
    let count = 0;
    {
      using _disk = replaceCall('rm', async ([path], honest) => {
        if (dirname(String(path)) === folder && ++count > 1) throw systemFailure('EIO');
        return await honest();
      });
      await thrownBy(takeBack(receipt, lab.options));
    }
    expect(namesUnder(folder)).toEqual(['k3s', expect.stringMatching(/^k3s-airgap-images/)]);
    await takeBack(receipt, lab.options);
    // The tag of a release that could not go stays in the receipt, and goes with it.
    expect(namesUnder(join(lab.home, '.cache/rancher-desktop'))).toEqual([]);
  });

  it('does not make another install forget what it put in place of a file', async () => {
    const lab = await installLab();
    const first = await put(lab, { targets: { files: lab.at('files') } });
    writeFileSync(lab.at('new.tar'), sampleBundle([fileSample('tool', { text: 'newer' })]).tar);
    const options = { ...lab.options, path: lab.at('new.tar'), targets: { files: lab.at('files') } };
    const { receipt = '', actions } = await install(options);
    expect(actions).toMatchObject([{ outcome: 'replaced' }]);
    await takeBack(first.receipt, lab.options);
    expect(filesUnder(lab.at('files'))).toEqual({ tool: 'newer' });
    await takeBack(receipt, lab.options);
    expect(filesUnder(lab.at('files'))).toEqual({});
  });

  it('keeps a name at the registry that leads elsewhere now', async () => {
    const lab = await installLab(LAB.slice(0, 2));
    const { receipt } = await put(lab);
    const other = lab.registry.content.manifest('quay.io/jetstack/cert-manager-controller', 'v1.15.3');
    if (other === undefined) throw new Error('the image was not pushed');
    const repository = lab.registry.content.open('rancher/rancher');
    repository.manifests.set(other.digest, other.mediaType);
    repository.tags.set('v2.9.2', other.digest);
    const { findings } = await takeBack(receipt, lab.options);
    expect(findings).toMatchObject([{ level: 'warning', about: `localhost:5000/${RANCHER}` }]);
    expect(lab.registry.content.manifest('rancher/rancher', 'v2.9.2')?.digest).toBe(other.digest);
  });

  it('says that a registry does not allow deletion, and finishes all the same', async () => {
    const lab = await installLab(LAB.slice(0, 1));
    const { receipt } = await put(lab);
    lab.registry.inject({ on: 'DELETE manifest', action: { type: 'status', status: 405 } });
    const { actions, findings } = await takeBack(receipt, lab.options);
    expect(actions).toMatchObject([{ target: 'registry', outcome: 'kept' }]);
    expect(findings[0]?.message).toMatch(/stays: the registry at localhost:5000 does not allow deletion$/);
    expect(existsSync(receipt)).toBe(false);
  });

  it('keeps in the receipt what failed, and continues with that the next time', async () => {
    const lab = await installLab();
    const { receipt } = await put(lab);
    lab.registry.inject({ on: 'DELETE manifest', action: { type: 'status', status: 403 } });
    expect(await thrownBy(takeBack(receipt, lab.options))).toMatchObject({ code: 'ERR_REGISTRY_DENIED' });
    const left = decodeReceipt(readFileSync(receipt));
    expect([left.complete, left.paths, left.references.length, left.items.length]).toEqual([false, [], 1, 1]);
    expect(left.references).toMatchObject([{ reference: left.items[0]?.destination }]);
    const { actions } = await takeBack(receipt, lab.options);
    expect(actions).toMatchObject([{ target: 'registry', outcome: 'removed' }]);
    expect(filesUnder(lab.home)).toEqual({});
  });

  it('finds absent what is gone already', async () => {
    const lab = await installLab();
    const { receipt } = await put(lab);
    const bytes = readFileSync(receipt);
    await takeBack(receipt, lab.options);
    mkdirSync(dirname(receipt), { recursive: true });
    writeFileSync(receipt, bytes);
    const { actions } = await takeBack(receipt, lab.options);
    expect(new Set(actions.map(({ outcome }) => outcome))).toEqual(new Set(['absent']));
    expect(existsSync(receipt)).toBe(false);
  });

  it('changes nothing when it is interrupted before it began, and can be repeated', async () => {
    const lab = await installLab();
    const { receipt } = await put(lab);
    const stamps = stampsOf(lab);
    const signal = AbortSignal.abort();
    expect(await thrownBy(takeBack(receipt, { ...lab.options, signal }))).toMatchObject({
      code: 'ERR_INTERRUPTED',
    });
    expect(stampsOf(lab)).toEqual(stamps);
    await takeBack(receipt, lab.options);
    expect(filesUnder(lab.home)).toEqual({});
  });

  it('can be repeated when it was interrupted half way, the receipt being whole until the end', async () => {
    const lab = await installLab();
    const { receipt } = await put(lab);
    const bytes = readFileSync(receipt);
    const stop = new AbortController();
    const openRegistry = (host: string): Registry => {
      stop.abort();
      return lab.options.openRegistry?.(host) ?? unopened(host);
    };
    const options = { ...lab.options, openRegistry, signal: stop.signal };
    expect(await thrownBy(takeBack(receipt, options))).toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(Object.values(filesUnder(lab.home))).toEqual([bytes.toString('latin1')]);
    const { actions } = await takeBack(receipt, lab.options);
    expect(new Set(actions.map(({ target, outcome }) => `${target} ${outcome}`))).toEqual(
      new Set(['rancher-desktop absent', 'kuberlr absent', 'registry removed']),
    );
    expect(filesUnder(lab.home)).toEqual({});
  });

  it('touches nothing outside of the targets, whatever the receipt says', async () => {
    const lab = await installLab();
    const { receipt } = await put(lab, { targets: { files: lab.at('files') } });
    const mine = lab.at('mine');
    const content = readFileSync(lab.at('files/tool'));
    writeFileSync(mine, content);
    edit(receipt, ({ paths, files }) => ({
      paths: [...paths, mine, `${lab.at('files')}/../mine`],
      files: files.flatMap((file) => [file, { ...file, path: mine }]),
    }));
    const { findings } = await takeBack(receipt, lab.options);
    expect(findings).toHaveLength(2);
    expect(readFileSync(mine)).toEqual(content);
    expect(existsSync(lab.at('files/tool'))).toBe(false);
  });

  it('takes back by a receipt that names no digest of a file', async () => {
    const lab = await installLab();
    const { receipt } = await put(lab, {
      targets: { 'rancher-desktop': lab.at('cache'), files: lab.at('files') },
    });
    edit(receipt, () => ({ files: [], listed: [] }));
    await takeBack(receipt, lab.options);
    expect(filesUnder(lab.at('files'))).toEqual({});
    expect(filesUnder(lab.at('cache'))).toEqual({});
  });

  it('leaves images in a folder, and says so', async () => {
    const lab = await installLab(LAB.slice(0, 1));
    const { receipt } = await put(lab, { targets: { registry: [`embedded:${lab.at('images')}`] } });
    const placed = filesUnder(lab.at('images'));
    const { actions, findings } = await takeBack(receipt, lab.options);
    expect(actions).toMatchObject([{ target: 'embedded', outcome: 'kept' }]);
    expect(findings).toMatchObject([{ level: 'warning', about: lab.at('images') }]);
    expect(filesUnder(lab.at('images'))).toEqual(placed);
  });

  it('tells of another receipt that cannot be read', async () => {
    const lab = await installLab();
    const { receipt } = await put(lab, { targets: { files: lab.at('files') } });
    writeFileSync(join(receipt, '../other.json'), '{');
    const { findings } = await takeBack(receipt, lab.options);
    expect(findings).toMatchObject([{ level: 'warning', message: expect.stringContaining('other.json') }]);
  });

  it('refuses what is not a receipt', async () => {
    const lab = await installLab();
    expect(await thrownBy(takeBack(lab.at('none'), lab.options))).toMatchObject({ code: 'ERR_DISK_FAILED' });
  });
});

type Where = Pick<InstallLab['options'], 'targets'>;

async function put(
  lab: InstallLab,
  where: Where = {},
): Promise<{ readonly receipt: string; readonly actions: InstallResult['actions'] }> {
  const { receipt = '', actions } = await install({ ...lab.options, ...where });
  return { receipt, actions };
}

/** Installs another bundle that has some of the same. */
async function installAlso(lab: InstallLab): Promise<{ readonly receipt: string }> {
  const [image] = LAB;
  const { tar } = sampleBundle([
    ...(image === undefined ? [] : [image]),
    k3sSample(TAG),
    k3sSample('v1.31.2+k3s1'),
    versionListSample({ cacheVersion: 2, versions: [TAG, 'v1.31.2+k3s1'], channels: { stable: '1.31.2' } }),
    kubectlSample('1.30.6', 'linux/amd64'),
    fileSample('other'),
  ]);
  writeFileSync(lab.at('other.tar'), tar);
  const { receipt = '' } = await install({ ...lab.options, path: lab.at('other.tar') });
  return { receipt };
}

function unopened(host: string): never {
  throw new Error(`nothing opens ${host}`);
}

function byText(left: readonly string[], right: readonly string[]): number {
  return left.join() < right.join() ? -1 : 1;
}

function stampsOf(lab: InstallLab): readonly string[] {
  return namesUnder(lab.home).map((name) => `${name} ${stampOf(join(lab.home, name))}`);
}

function listIn(cache: string): { readonly versions: readonly string[] } {
  return JSON.parse(readFileSync(join(cache, 'k3s-versions.json'), 'utf8'));
}

function edit(path: string, change: (receipt: Receipt) => Partial<Receipt>): void {
  const receipt = decodeReceipt(readFileSync(path));
  writeFileSync(path, encodeReceipt({ ...receipt, ...change(receipt) }));
}

function copyTo(from: string, to: string): string {
  copyFileSync(from, to);
  return to;
}
