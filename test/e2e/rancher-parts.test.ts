import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXAMPLES } from '../support/archives/example-bundles.ts';
import { sampleImage } from '../support/samples/sample-image.ts';
import { runInMemory } from '../support/process/cli.ts';
import { type Lab, startLab } from '../support/sites/lab.ts';

const SOURCES = [
  'rancher/both:1 rancher-istio:104.5.0+up1.23.2,rancher-monitoring:104.1.2+up57.0.3',
  'rancher/istio:1 rancher-istio:104.5.0+up1.23.2',
  'rancher/mirrored-pause:3.6 k3sUpgrade,rke2All',
  'rancher/monitor:1 rancher-monitoring:104.1.2+up57.0.3',
  'rancher/rancher:v2.9.2 rancher',
  'rancher/shell:v0.2.1 core',
];
const IMAGES = [...SOURCES.map((line) => line.replace(/ .*$/, '')), 'rancher/orphan:1'];

// One story: later parts use what those before them built.
describe('Rancher by what is used', { shuffle: false }, () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await startLab({ rancher: [{ tag: 'v2.9.2', images: IMAGES, sources: SOURCES }] });
    for (const name of ['both', 'istio', 'monitor', 'orphan'])
      await lab.internet.seed(`rancher/${name}`, sampleImage({ name, layerBytes: 5000 }), '1');
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  const spec = (rest: string): string =>
    // Signatures would be asked of Docker Hub itself.
    lab.spec(`signatures: false\nrancher: { version: v2.9.2${rest} }\n`);
  const run = async (...argv: readonly string[]) =>
    await runInMemory(argv, { verbs: 'real', home: lab.at('home') });
  const dry = async (rest: string, ...more: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await run(
      'build',
      spec(rest),
      '-o',
      lab.at('dry.tar'),
      '--dry-run',
      ...more,
    );
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
    return stdout;
  };

  it('is shown by part before anything is fetched, each byte once, and what is shared apart', async () => {
    const document: unknown = JSON.parse(await dry('', '--json'));
    const schema: unknown = JSON.parse(
      readFileSync(join(EXAMPLES, '..', 'schema', 'results', 'build.schema.json'), 'utf8'),
    );
    const validate = new Ajv2020({ strict: true, allErrors: true }).compile(Object(schema));
    validate(document);
    expect(validate.errors).toBeNull();
    const [release] = Object(document).dryRun.releases;
    const parts = new Map<string, Readonly<Record<string, unknown>>>(
      Object(release).parts.map((part: { readonly name: string }) => [part.name, part]),
    );
    expect(release).toMatchObject({ name: 'Rancher v2.9.2', images: IMAGES.length });
    expect([...parts.keys()].toSorted()).toEqual([
      'istio',
      'k3s',
      'monitoring',
      'rancher',
      'rke2',
      'unlisted',
    ]);
    expect(parts.get('istio')).toMatchObject({ images: 2, leftOut: 0 });
    expect(parts.get('istio')?.['without']).toMatch(/service mesh/);
    expect(parts.get('rancher')).not.toHaveProperty('without');
    // The only image of both parts is wanted by the other one as well.
    expect(parts.get('k3s')).toMatchObject({ images: 1, bytes: 0 });
    const alone = [...parts.values()].reduce((sum, part) => sum + Number(part['bytes']), 0);
    expect(alone + release.sharedBytes).toBe(release.bytes);
    const istio = Object(parts.get('istio'));
    const without: unknown = JSON.parse(await dry(', without: [istio]', '--json'));
    expect(release.bytes - Object(without).dryRun.releases[0].bytes).toBe(istio.bytes);
  });

  it('is shown as text, with what does not work without each part', async () => {
    const text = await dry(', without: [istio, k3s]');
    expect(text).toMatch(/^Rancher v2\.9\.2 by part: 6 images, /m);
    expect(text).toMatch(/^ +part +images +alone +shared +without it$/m);
    expect(text).toMatch(/^ +monitoring +2 .* clusters and projects have no metrics/m);
    expect(text).toMatch(/^ +rancher +2 .* always taken/m);
    expect(text).toMatch(/^left out on purpose:\n(?: .*\n)* +istio +1 image +clusters have no service mesh/m);
    expect(text).toMatch(/^ +k3s +0 images +other parts want all that it has$/m);
  });

  it('is built, locked and built again, and the far side is told what was left out on purpose', async () => {
    const path = spec(', without: [istio]');
    const built = await run('build', path, '-o', lab.at('a.tar'), '--json');
    expect(`${built.status} ${built.stderr}`).toMatch(/^0 /);
    const again = await run('build', path, '-o', lab.at('b.tar'), '--locked', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ root: Object(JSON.parse(built.stdout)).root });
    const inspected = await run('inspect', lab.at('a.tar'));
    expect(inspected.stdout).toMatch(/rancher +v2\.9\.2 .* 4 files, without 1 image on purpose$/m);
    expect(inspected.stdout).not.toContain('rancher/istio:1');

    writeFileSync(lab.at('images.txt'), 'rancher/both:1\nrancher/istio:1\nrancher/other:1\n');
    const text = await run('check', lab.at('a.tar'), '--for', lab.at('images.txt'));
    expect(text.status).toBe(5);
    expect(text.stdout).toMatch(
      /^missing docker\.io\/rancher\/istio:1: left out on purpose with istio of Rancher v2\.9\.2$/m,
    );
    const json = await run('check', lab.at('a.tar'), '--for', lab.at('images.txt'), '--json');
    const { missing } = Object(JSON.parse(json.stdout));
    expect(missing).toMatchObject([
      { reference: 'docker.io/rancher/istio:1', leftOut: { release: 'Rancher v2.9.2', parts: ['istio'] } },
      { reference: 'docker.io/rancher/other:1' },
    ]);
    expect(missing[1]).not.toHaveProperty('leftOut');
    const installed = await run(
      'install',
      lab.at('a.tar'),
      '--registry',
      lab.offline.host,
      '--files',
      lab.at('files'),
    );
    expect(`${installed.status} ${installed.stderr}`).toMatch(/^0 /);
    expect(readFileSync(lab.at('files', 'left-out-images.txt'), 'utf8')).toBe(
      'docker.io/rancher/istio:1 istio\n',
    );
  });

  it('does not trouble a lock from before its parts were asked for', async () => {
    const path = spec('');
    expect((await run('build', path, '-o', lab.at('whole.tar'))).status).toBe(0);
    const lock = lab.at('lab.lock.json');
    const { urls, ...rest } = Object(JSON.parse(readFileSync(lock, 'utf8')));
    const older = Object.fromEntries(Object.entries(urls).filter(([url]) => !url.includes('-sources.txt')));
    writeFileSync(lock, JSON.stringify({ ...rest, urls: older }));
    const built = await run('build', path, '-o', lab.at('older.tar'), '--locked');
    expect(`${built.status} ${built.stderr}`).toMatch(/^0 /);
    const divided = await run('build', spec(', without: [istio]'), '-o', lab.at('c.tar'), '--locked');
    expect(`${divided.status} ${divided.stderr}`).toMatch(
      /^\d+ [^]*rancher-images-sources\.txt[^]*not in the lock/,
    );
  });

  it('is refused when the spec says both what is used and what is not', async () => {
    const { status, stderr } = await run(
      'build',
      spec(', without: [istio], only: [k3s]'),
      '-o',
      lab.at('d.tar'),
    );
    expect(status).toBe(2);
    expect(stderr).toMatch(/"rancher\.only" at .*"without" is there as well/);
  });
});
