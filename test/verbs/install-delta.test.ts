import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { deltaOf } from '../../src/bundle/plan/delta.ts';
import { requiredBlobs } from '../../src/bundle/format/document.ts';
import { ProblemsError } from '../../src/internal/problems.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { openInventory } from '../../src/steps/open-inventory.ts';
import { decodeReceipt, encodeReceipt } from '../../src/targets/receipts/receipt.ts';
import { verifyBundle } from '../../src/verbs/verify.ts';
import { buildPatch, damageBlob } from '../support/archives/damage.ts';
import {
  install,
  type InstallLab,
  installLab,
  LAB,
  type LabOptions,
  TAG,
} from '../support/sites/install-lab.ts';
import { plannedImage, type PlannedSample } from '../support/planned/items.ts';
import { packPlan, type SampleBundle, sampleBundle } from '../support/samples/sample-bundle.ts';
import {
  fileSample,
  k3sSample,
  kubectlSample,
  versionListSample,
} from '../support/samples/target-samples.ts';
import { thrownBy } from '../support/thrown.ts';
import { filesUnder, namesUnder } from '../support/tree.ts';
import { NOBODY } from '../support/surroundings.ts';

const NEXT_TAG = 'v1.31.2+k3s1';
/** What comes after {@link LAB}: a newer image and one elsewhere on the same base layer, one more K3s, a file twice. */
const NEXT: readonly PlannedSample[] = [
  plannedImage('docker.io/rancher/rancher:v2.10.0', { sharedLayers: ['base'] }),
  plannedImage('ghcr.io/other/thing:v1', { sharedLayers: ['base'] }),
  plannedImage('quay.io/jetstack/cert-manager-controller:v1.15.3', { sharedLayers: ['base'] }),
  k3sSample(TAG),
  k3sSample(NEXT_TAG),
  versionListSample({ cacheVersion: 2, versions: [TAG, NEXT_TAG], channels: { stable: '1.31.2' } }),
  kubectlSample('1.30.6', 'linux/amd64'),
  fileSample('tool', { executable: true }),
  fileSample('same-tool', { text: 'content of tool\n' }),
];

/** Writes a delta of `samples` against a bundle or a receipt at `since`, and returns it with where it is. */
async function writeDelta(
  lab: InstallLab,
  samples: readonly PlannedSample[],
  since: string,
): Promise<SampleBundle & { readonly path: string }> {
  const { root, name, blobs } = await openInventory(since);
  const plan = deltaOf(sampleBundle(samples).plan, [{ root, name, has: (digest) => blobs.has(digest) }]);
  const delta = packPlan(plan, samples);
  const path = lab.at(`delta-${plan.root.slice(7, 15)}.tar`);
  writeFileSync(path, delta.tar);
  return { ...delta, path };
}

/** Targets of every kind, so that the receipt has everything. */
function everywhere(lab: InstallLab): Partial<LabOptions> {
  return {
    targets: { 'rancher-desktop': true, kuberlr: true, files: lab.at('files'), registry: ['localhost:5000'] },
  };
}

async function installed(lab: InstallLab, options: Partial<LabOptions> = {}): Promise<string> {
  const { receipt = '' } = await install({ ...lab.options, ...everywhere(lab), ...options });
  return receipt;
}

function changing(lab: InstallLab): readonly string[] {
  const { entries } = lab.registry.log;
  return entries.filter(({ method }) => !['GET', 'HEAD'].includes(method)).map(({ path }) => path);
}

describe('a delta against the receipt of an install', () => {
  it('is installed from what is in place, with no base at all', async () => {
    const lab = await installLab();
    const receipt = await installed(lab);
    const delta = await writeDelta(lab, NEXT, receipt);
    const required = requiredBlobs(delta.plan.document);
    expect(required.length).toBeGreaterThan(4);
    rmSync(lab.options.path);
    const result = await install({ ...lab.options, ...everywhere(lab), path: delta.path });
    expect(result.findings.filter(({ level }) => level === 'error')).toEqual([]);
    expect(result.actions.find(({ destination }) => destination.endsWith('same-tool'))?.outcome).toBe(
      'placed',
    );
    expect(filesUnder(lab.at('files'))).toMatchObject({ 'same-tool': 'content of tool\n' });
    const whole = decodeReceipt(readFileSync(result.receipt ?? ''));
    expect(whole.complete).toBe(true);
    for (const { digest } of required) expect([...whole.blobs]).toContain(digest);
    expect(JSON.stringify(result)).not.toContain('"needs"');
  });

  it('brings a layer to a repository that lacks it from the one that has it, by mounting it there', async () => {
    const lab = await installLab();
    const receipt = await installed(lab);
    const delta = await writeDelta(lab, NEXT, receipt);
    lab.registry.log.clear();
    await install({ ...lab.options, targets: { registry: ['localhost:5000'] }, path: delta.path });
    expect(changing(lab).filter((path) => path.includes('mount='))).toEqual([
      expect.stringMatching(/^\/v2\/ghcr\.io\/other\/thing\/blobs\/uploads\/.*mount=sha256/),
    ]);
    const base = digestOf(NEXT[0]?.contents[0]?.bytes ?? '');
    expect(
      lab.registry.log.entries.filter(({ method, path }) => method === 'GET' && path.includes(base)),
    ).toEqual([]);
  });

  it('is installed twice and changes nothing the second time', async () => {
    const lab = await installLab();
    const delta = await writeDelta(lab, NEXT, await installed(lab));
    const options = { ...lab.options, ...everywhere(lab), path: delta.path };
    await install(options);
    lab.registry.log.clear();
    const again = await install(options);
    expect(new Set(again.actions.map(({ outcome }) => outcome))).toEqual(new Set(['present']));
    expect(changing(lab)).toEqual([]);
  });

  it('that got lost breaks nothing: the next one is built against the same receipt', async () => {
    const lab = await installLab();
    const receipt = await installed(lab);
    await writeDelta(lab, NEXT, receipt);
    const last = [...NEXT, plannedImage('docker.io/rancher/shell:v0.3.0', { sharedLayers: ['base'] })];
    const delta = await writeDelta(lab, last, receipt);
    const { actions } = await install({ ...lab.options, ...everywhere(lab), path: delta.path });
    expect(actions.filter(({ kind }) => kind === 'image')).toHaveLength(4);
  });

  it('needs only what its targets lack', async () => {
    const lab = await installLab();
    const delta = await writeDelta(lab, NEXT, lab.options.path);
    // Of nothing that is installed here the delta left anything out, but for the files.
    const error = await thrownBy(
      install({ ...lab.options, path: delta.path, targets: { files: lab.at('files') } }),
    );
    expect(error).toMatchObject({ code: 'ERR_BASE_MISSING' });
    mkdirSync(lab.at('files'));
    writeFileSync(lab.at('files/tool'), 'content of tool\n', { mode: 0o755 });
    writeFileSync(lab.at('files/same-tool'), 'content of tool\n');
    const { actions } = await install({
      ...lab.options,
      path: delta.path,
      targets: { files: lab.at('files') },
    });
    expect(new Set(actions.map(({ outcome }) => outcome))).toEqual(new Set(['present']));
  });
});

describe('a delta whose base is missing', () => {
  it('is refused before any change, and every blob is named with the items that need it', async () => {
    const lab = await installLab();
    const delta = await writeDelta(lab, NEXT, lab.options.path);
    const options = {
      ...lab.options,
      targets: { registry: ['localhost:5000'], files: lab.at('files') },
      path: delta.path,
    };
    const error = await thrownBy(install(options));
    expect(error).toMatchObject({
      code: 'ERR_BASE_MISSING',
      hint: `Nothing was changed. Install "lab" (${lab.root}) first, or give it with --base; or build a bundle without --since.`,
    });
    const messages = error instanceof ProblemsError ? error.problems.map(({ message }) => message) : [];
    const tool = digestOf('content of tool\n');
    expect(messages).toContain(
      `Cannot find blob "${tool}" (16 B) of file "same-tool" and file "tool": it is nowhere to be found`,
    );
    const layers = messages.filter((message) =>
      message.includes('image "docker.io/rancher/rancher:v2.10.0"'),
    );
    expect(layers).toHaveLength(1);
    expect(messages.every((message) => !message.includes('kubectl'))).toBe(true);
    expect(namesUnder(lab.home)).toEqual([]);
    expect(changing(lab)).toEqual([]);
    expect(await thrownBy(install({ ...options, dryRun: true }))).toMatchObject({
      code: 'ERR_BASE_MISSING',
    });
  });

  it('names all that is missing even where a target cannot be planned without it', async () => {
    const lab = await installLab();
    const delta = await writeDelta(lab, NEXT, lab.options.path);
    const error = await thrownBy(
      install({ ...lab.options, targets: { 'rancher-desktop': true }, path: delta.path }),
    );
    expect(error).toMatchObject({ code: 'ERR_BASE_MISSING' });
    expect(error instanceof ProblemsError && error.problems.length).toBe(
      requiredBlobs(delta.plan.document).length,
    );
    expect(namesUnder(lab.home)).toEqual([]);
  });

  it('is installed with that base', async () => {
    const lab = await installLab();
    const delta = await writeDelta(lab, NEXT, lab.options.path);
    const options = { ...lab.options, ...everywhere(lab), path: delta.path, bases: [lab.options.path] };
    const { actions } = await install(options);
    expect(new Set(actions.map(({ outcome }) => outcome))).not.toContain('present');
    expect(filesUnder(lab.at('files'))).toMatchObject({ tool: 'content of tool\n' });
  });

  it('is refused with a base that is damaged, or another bundle, and says which', async () => {
    const lab = await installLab();
    const delta = await writeDelta(lab, NEXT, lab.options.path);
    const tool = digestOf('content of tool\n');
    copyFileSync(lab.options.path, lab.at('bad.tar'));
    await damageBlob(lab.at('bad.tar'), tool);
    const options = { ...lab.options, targets: { files: lab.at('files') }, path: delta.path };
    const error = await thrownBy(install({ ...options, bases: [lab.at('bad.tar')] }));
    expect(error instanceof ProblemsError && error.problems[0]?.message).toContain(
      `it is damaged in "${lab.at('bad.tar')}"`,
    );
    const { tar } = sampleBundle([fileSample('other')]);
    writeFileSync(lab.at('other.tar'), tar);
    expect(await thrownBy(install({ ...options, bases: [lab.at('other.tar')] }))).toMatchObject({
      code: 'ERR_BASE_MISSING',
    });
    await install({ ...options, bases: [lab.at('other.tar'), lab.at('bad.tar'), lab.options.path] });
    expect(await thrownBy(install({ ...options, bases: [lab.at('none.tar')] }))).toMatchObject({
      code: 'ERR_BUNDLE_NOT_FOUND',
    });
  });

  it('does not count on a receipt of an install that was not completed', async () => {
    const lab = await installLab();
    const receipt = await installed(lab);
    const delta = await writeDelta(lab, NEXT, receipt);
    writeFileSync(receipt, encodeReceipt({ ...decodeReceipt(readFileSync(receipt)), complete: false }));
    rmSync(lab.at('files'), { recursive: true });
    const options = { ...lab.options, path: delta.path, targets: { files: lab.at('files') } };
    expect((await thrownBy(install(options))).code).toBe('ERR_BASE_MISSING');
  });

  it('is not deceived by a receipt that someone has changed', async () => {
    const lab = await installLab();
    const receipt = await installed(lab);
    const { blobs, ...rest } = decodeReceipt(readFileSync(receipt));
    const lie = sampleBundle(NEXT).plan.document.blobs.map(({ digest }) => digest);
    writeFileSync(lab.at('lie.json'), encodeReceipt({ ...rest, blobs: [...blobs, ...lie] }));
    const delta = await writeDelta(lab, NEXT, lab.at('lie.json'));
    lab.registry.log.clear();
    const before = namesUnder(lab.home);
    const error = await thrownBy(install({ ...lab.options, ...everywhere(lab), path: delta.path }));
    expect(error.code).toBe('ERR_BASE_MISSING');
    expect(changing(lab)).toEqual([]);
    expect(namesUnder(lab.home)).toEqual(before);
  });

  it('passes over a receipt that cannot be read, and says so', async () => {
    const lab = await installLab();
    const receipt = await installed(lab);
    const delta = await writeDelta(lab, NEXT, receipt);
    const broken = join(receipt, '..', 'broken.json');
    writeFileSync(broken, '{"version": "1.0"');
    const findings: string[] = [];
    await install({
      ...lab.options,
      ...everywhere(lab),
      path: delta.path,
      onFinding: ({ message }) => void findings.push(message),
    });
    expect(findings).toEqual([expect.stringContaining(`in "${broken}"`)]);
  });

  it('finds a changed file of an earlier install useless, and says what is missing', async () => {
    const lab = await installLab();
    const delta = await writeDelta(lab, NEXT, await installed(lab));
    writeFileSync(lab.at('files/tool'), 'content of fool\n');
    const options = { ...lab.options, path: delta.path, targets: { files: lab.at('files') } };
    const error = await thrownBy(install(options));
    expect(error).toMatchObject({ code: 'ERR_BASE_MISSING' });
    expect(filesUnder(lab.at('files'))).toEqual({ tool: 'content of fool\n' });
  });
});

describe('verifying a delta', () => {
  it('is good by itself and says what it counts on; with its base the whole is proven', async () => {
    const lab = await installLab();
    const { path, plan } = await writeDelta(lab, NEXT, lab.options.path);
    const blobs = requiredBlobs(plan.document);
    const bytes = blobs.reduce((sum, { size }) => sum + size, 0);
    expect(await verifyBundle({ path }, NOBODY)).toMatchObject({
      ok: true,
      requires: [{ root: lab.root, name: 'lab', blobs: blobs.length, bytes }],
    });
    expect(await verifyBundle({ path, bases: [lab.options.path] }, NOBODY)).toMatchObject({
      ok: true,
      madeGood: 0,
    });
    writeFileSync(lab.at('other.tar'), sampleBundle([fileSample('other')]).tar);
    const { ok, problems } = await verifyBundle({ path, bases: [lab.at('other.tar')] }, NOBODY);
    expect(ok).toBe(false);
    expect(problems).toHaveLength(blobs.length);
    expect(new Set(problems.map(({ code }) => code))).toEqual(new Set(['ERR_BASE_MISSING']));
  });
});

describe('a damaged bundle', () => {
  it('is installed with a patch, which makes good what is damaged, and it says so', async () => {
    const lab = await installLab();
    const { plan } = sampleBundle(LAB);
    const tool = digestOf('content of tool\n');
    await damageBlob(lab.options.path, tool);
    const at = readFileSync(lab.options.path).lastIndexOf('ustar');
    writeFileSync(lab.options.path, readFileSync(lab.options.path).subarray(0, at));
    const patch = await buildPatch(lab.options.path, plan, { samples: LAB, folder: lab.at('.') });
    const options = { ...lab.options, targets: { files: lab.at('files') } };
    expect((await thrownBy(install(options))).code).toBe('ERR_BUNDLE_DAMAGED');
    const result = await install({ ...options, bases: [patch] });
    expect(filesUnder(lab.at('files'))).toEqual({ tool: 'content of tool\n' });
    expect(result.findings[0]).toMatchObject({
      level: 'warning',
      message: expect.stringContaining(`"${lab.options.path}" is damaged`),
      hint: expect.stringContaining('bundle repair'),
    });
    expect(await verifyBundle({ path: lab.options.path, bases: [patch] }, NOBODY)).toMatchObject({
      ok: true,
    });
  });

  it('is refused with a patch that lacks one of its damaged blobs', async () => {
    const lab = await installLab();
    await damageBlob(lab.options.path, digestOf('content of tool\n'));
    const patch = await buildPatch(lab.options.path, sampleBundle(LAB).plan, {
      samples: LAB,
      folder: lab.at('.'),
    });
    await damageBlob(lab.options.path, LAB[0]?.planned.item.descriptor.digest ?? digestOf(''));
    const error = await thrownBy(
      install({ ...lab.options, targets: { files: lab.at('files') }, bases: [patch] }),
    );
    expect(error).toMatchObject({ code: 'ERR_BUNDLE_DAMAGED' });
    expect(namesUnder(lab.at('files'))).toEqual([]);
  });

  it('is not a patch, and a patch cannot be installed by itself', async () => {
    const lab = await installLab();
    await damageBlob(lab.options.path, digestOf('content of tool\n'));
    const patch = await buildPatch(lab.options.path, sampleBundle(LAB).plan, {
      samples: LAB,
      folder: lab.at('.'),
    });
    expect(await thrownBy(install({ ...lab.options, path: patch }))).toMatchObject({
      code: 'ERR_PATCH_INVALID',
      message: `Cannot install "${patch}": it is a patch of ${lab.root}`,
    });
  });
});
