import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PlannedItem } from '../../../src/bundle/format/item.ts';
import { planBundle } from '../../../src/bundle/plan/plan.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { createWebUpstream } from '../../../src/sources/web/upstream.ts';
import { locked } from '../../../src/sources/locked.ts';
import { recorded } from '../../../src/sources/recorded.ts';
import type { Questions } from '../../../src/sources/questions.ts';
import type { SourceContext } from '../../../src/sources/source.ts';
import { compareLocks } from '../../../src/spec/lock/compare.ts';
import { encodeLock } from '../../../src/spec/lock/encode.ts';
import type { Lock } from '../../../src/spec/lock/lock.ts';
import { parseWholeLock } from '../../support/samples/sample-lock.ts';
import { CHART } from '../../../src/sources/charts/location.ts';
import { sampleChart } from '../../support/samples/sample-chart.ts';
import { sampleImage } from '../../support/samples/sample-image.ts';
import { impatientClient, type SourceBench, startBench } from '../../support/sites/source-context.ts';
import { resolveDocument, type SpecDocument } from '../../support/sites/spec-document.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { problemsOf } from '../../support/thrown.ts';

const TAG = 'v1.15.3';
const CERT_MANAGER = ['acmesolver', 'cainjector', 'controller', 'startupapicheck', 'webhook'];
const IMAGES = {
  ...Object.fromEntries(
    CERT_MANAGER.map((name) => [`quay.io/jetstack/cert-manager-${name}:${TAG}`, sampleImage({ name })]),
  ),
  'rancher/rancher:v2.9.2': sampleImage({ name: 'rancher' }),
  'rancher/wins:v1-windows-1809': sampleImage({
    name: 'wins',
    platforms: ['windows/amd64'],
    osVersion: '10.0.17763.1',
  }),
};
const RANCHER = [{ tag: 'v2.9.2', images: ['rancher/rancher:v2.9.2'], windows: ['rancher/wins:v1'] }];
const LOCAL = sampleChart('app', '1.0.0', {
  'values.yaml': 'a: { repository: rancher/rancher, tag: v2.9.2 }\nb: { repository: lab/off, tag: 1 }\n',
});

function specOf(bench: SourceBench): SpecDocument {
  return {
    rancher: { version: 'v2.9.2', windows: true },
    charts: [
      { repository: `${bench.upstream.url}/helm`, name: 'cert-manager', version: TAG },
      { path: './app.tgz' },
    ],
  };
}

async function resolveWith(
  questions: Questions,
  bench: SourceBench,
  local: Uint8Array = LOCAL,
): Promise<readonly PlannedItem[]> {
  const { images, web, ask } = questions;
  const context: SourceContext = { ...bench.context, images, web, ask };
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, 'app.tgz'), local);
  return await resolveDocument(specOf(bench), context, folder.path);
}

async function lockOf(bench: SourceBench): Promise<{ readonly lock: Lock; readonly root: string }> {
  const recording = recorded(bench.context);
  const root = planBundle('lab', await resolveWith(recording, bench)).root;
  return { lock: parseWholeLock(encodeLock(recording.lockOf('lab')), 'lab.lock.json'), root };
}

describe('the lock of charts', () => {
  it('says where each was, and which images and tags there were none of', async () => {
    await using bench = await startBench({ images: IMAGES, rancher: RANCHER });
    const { lock } = await lockOf(bench);
    const url = `${bench.upstream.url}/helm/charts/cert-manager-${TAG}.tgz`;
    const facts = [...(lock.sections.get(CHART.section) ?? [])];
    expect(facts.map(([name, words]) => [name, Object.fromEntries(words)])).toEqual([
      ['./app.tgz', { digest: digestOf(LOCAL) }],
      [
        `${bench.upstream.url}/helm cert-manager ${TAG}`,
        { url, digest: digestOf(bench.upstream.content(new URL(url).pathname) ?? Buffer.alloc(0)) },
      ],
    ]);
    expect(lock.urls.has(url)).toBe(true);
    expect(lock.urls.has(`${bench.upstream.url}/helm/index.yaml`)).toBe(false);
    expect(lock.references.get('docker.io/lab/off:1')).toBeNull();
    expect(lock.references.get('docker.io/rancher/wins:v1')).toBeNull();
    expect(lock.references.get('docker.io/rancher/wins:v1-windows-1809')).not.toBeNull();
  });

  it('gives the same bundle when the index of the repository has moved on', async () => {
    await using bench = await startBench({ images: IMAGES, rancher: RANCHER });
    const { lock, root } = await lockOf(bench);
    bench.upstream.faults.add({ path: '/helm/index.yaml', answer: { status: 404 } });
    await using client = impatientClient();
    const questions = locked(lock, { images: bench.context.images, web: createWebUpstream(client) });
    expect(planBundle('lab', await resolveWith(questions, bench)).root).toBe(root);
  });

  it('refuses a chart of this machine that is another now, and one that it does not have', async () => {
    await using bench = await startBench({ images: IMAGES, rancher: RANCHER });
    const { lock } = await lockOf(bench);
    const other = sampleChart('app', '1.0.1');
    expect(await problemsOf(resolveWith(locked(lock, bench.context), bench, other))).toEqual([
      `ERR_DIGEST_MISMATCH Cannot verify chart "./app.tgz": expected "${digestOf(LOCAL)}", found "${digestOf(other)}"`,
    ]);
    const without = locked({ ...lock, sections: new Map() }, bench.context);
    expect((await problemsOf(resolveWith(without, bench))).toSorted()).toEqual([
      `ERR_LOCK_INCOMPLETE Cannot resolve chart "./app.tgz": it is not in the lock`,
      `ERR_LOCK_INCOMPLETE Cannot resolve chart "cert-manager" ${TAG} of "${bench.upstream.url}/helm": it is not in the lock`,
    ]);
  });

  it('keeps no query of an address, and says so when it would need it', async () => {
    await using bench = await startBench();
    const index =
      'apiVersion: v1\nentries: { a: [{ version: 1.0.0, urls: ["https://user:pw@cdn.example.com/a.tgz?sig=secret"] }] }\n';
    const web = { ...bench.context.web, query: async () => ({ body: Buffer.from(index), headers: {} }) };
    const ask: Questions['ask'] = async (question, key) => await question.ask(key, { ...bench.context, web });
    const recording = recorded({ ...bench.context, ask });
    const wanted = { repository: 'https://charts.example.com', name: 'a', version: '1.0.0' };
    await recording.ask(CHART, wanted);
    const text = encodeLock(recording.lockOf('lab'));
    expect(text).not.toMatch(/secret|pw/);
    const error = await problemsOf(locked(parseWholeLock(text, 'lock'), bench.context).ask(CHART, wanted));
    expect(error).toEqual([expect.stringMatching(/^ERR_LOCK_INCOMPLETE .*its address has a query/)]);
  });

  it('tells what moved', async () => {
    await using bench = await startBench({ images: IMAGES, rancher: RANCHER });
    const { lock } = await lockOf(bench);
    const facts = new Map(lock.sections.get(CHART.section)).set(
      './app.tgz',
      new Map([['digest', digestOf('other')]]),
    );
    const sections = new Map(lock.sections).set(CHART.section, facts);
    expect(compareLocks(lock, { ...lock, sections }).moved).toEqual([
      { title: 'Chart', name: './app.tgz', isVast: false, was: digestOf(LOCAL), is: digestOf('other') },
    ]);
  });
});

describe('a spec with Rancher and charts', () => {
  it('has every image once, and goes without what a chart names and no registry has', async () => {
    await using bench = await startBench({ images: IMAGES, rancher: RANCHER });
    const items = await resolveWith(bench.context, bench);
    expect(items.map(({ item }) => `${item.kind} ${item.name}`)).toEqual([
      `chart ${new URL(bench.upstream.url).host}/helm/cert-manager:${TAG}`,
      'chart localhost/charts/app:1.0.0',
      'image docker.io/rancher/rancher:v2.9.2',
      'image docker.io/rancher/wins:v1',
      ...CERT_MANAGER.map((name) => `image quay.io/jetstack/cert-manager-${name}:${TAG}`),
      'rancher v2.9.2',
    ]);
    expect(bench.warnings.map(({ message }) => message)).toEqual([
      'Cannot find image "docker.io/lab/off:1": "docker.io" does not have it; chart "localhost/charts/app:1.0.0" (values) names it, and the bundle goes without it',
    ]);
  });

  it('tells the problems of its images also when a chart and Rancher have some', async () => {
    await using bench = await startBench({ rancher: [] });
    const charts = [{ repository: `${bench.upstream.url}/helm`, name: 'absent', version: TAG }];
    const spec = { ...specOf(bench), charts, images: ['rancher/absent:1'] };
    const problems = await problemsOf(resolveDocument(spec, bench.context));
    expect(problems.map((problem) => problem.replace(/:.*$/s, ''))).toEqual([
      'ERR_UPSTREAM_NOT_FOUND Cannot find image "docker.io/rancher/absent',
      'ERR_UPSTREAM_NOT_FOUND Cannot find Rancher v2.9.2',
      expect.stringMatching(/^ERR_UPSTREAM_NOT_FOUND Cannot find chart "absent"/),
    ]);
  });

  it('takes a chart in the list of Rancher for what it is', async () => {
    const { pushedChart } = await import('../../support/samples/sample-chart.ts');
    const fleet = pushedChart('fleet', '104.1.0+up0.10.2', sampleChart('fleet', '104.1.0+up0.10.2'));
    await using bench = await startBench({
      images: { 'rancher/charts/fleet:104.1.0_up0.10.2': fleet },
      rancher: [{ tag: 'v2.13.8', images: ['rancher/charts/fleet:104.1.0_up0.10.2'] }],
    });
    const spec = {
      ...specOf(bench),
      platforms: ['linux/amd64'],
      charts: [],
      rancher: { version: 'v2.13.8', windows: false },
    };
    const items = await resolveDocument(spec, bench.context);
    const [chart] = items;
    expect(chart?.item).toMatchObject({
      kind: 'chart',
      images: undefined,
      name: 'docker.io/rancher/charts/fleet:104.1.0_up0.10.2',
      chart: 'fleet',
      version: '104.1.0+up0.10.2',
      descriptor: { digest: fleet.root.digest },
    });
  });
});
