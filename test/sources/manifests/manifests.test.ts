import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PlannedItem } from '../../../src/bundle/format/item.ts';
import { resolveItems } from '../../../src/sources/resolve.ts';
import { SOURCES } from '../../../src/sources/sources.ts';
import { readSpec } from '../../../src/spec/read-spec.ts';
import { startHttpServer } from '../../support/http/http-server.ts';
import { sampleImage } from '../../support/samples/sample-image.ts';
import { startBench } from '../../support/sites/source-context.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { hintsOf, problemsOf } from '../../support/thrown.ts';

const IMAGES = {
  'docker.io/library/nginx:1.25': sampleImage({ name: 'nginx' }),
  'quay.io/team/db:v2': sampleImage({ name: 'db' }),
  'docker.io/library/redis:7': sampleImage({ name: 'redis' }),
};
const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  template:
    spec:
      containers:
        - image: nginx:1.25
          env: [{ name: RELATED_IMAGE_DB, value: 'quay.io/team/db:v2' }]
`;

interface Resolved {
  readonly items: readonly PlannedItem[];
  readonly warnings: readonly string[];
}

async function resolve(
  manifests: readonly string[],
  files: Readonly<Record<string, string>>,
): Promise<Resolved> {
  using folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder.path, name)), { recursive: true });
    writeFileSync(join(folder.path, name), text);
  }
  symlinkSync('a.yaml', join(folder.path, 'link.yaml'));
  const spec = join(folder.path, 'lab.yaml');
  writeFileSync(spec, `bundle: 1\nname: lab\nmanifests: ${JSON.stringify(manifests)}\n`);
  await using bench = await startBench({ images: IMAGES });
  const { parts } = await readSpec(spec, SOURCES, { env: {} });
  const items = await resolveItems('lab', parts, bench.context);
  return { items, warnings: bench.warnings.map(({ message }) => message) };
}

function namesOf({ items }: Resolved, kind: string): readonly string[] {
  return items.filter(({ item }) => item.kind === kind).map(({ item }) => item.name);
}

describe('"manifests" of a spec', () => {
  it('bring their images, and travel themselves', async () => {
    const files = {
      'a.yaml': 'services: { cache: { image: "redis:${TAG:-7}" } }\n',
      'deploy/b.yaml': DEPLOYMENT,
      'deploy/deep/c.yml': DEPLOYMENT,
      'deploy/.hidden.yaml': 'kind: [\n',
      'deploy/note.txt': 'no manifest',
    };
    const found = await resolve(['./deploy/**/*.y*ml', 'a.yaml', './a.yaml'], files);
    expect(namesOf(found, 'image')).toEqual([
      'docker.io/library/nginx:1.25',
      'docker.io/library/redis:7',
      'quay.io/team/db:v2',
    ]);
    expect(namesOf(found, 'file')).toEqual(['manifests']);
    const layers = found.items
      .find(({ item }) => item.kind === 'file')
      ?.blobs.flatMap(({ origin }) =>
        origin.type === 'file' ? [origin.path.replace(/^.*?\/(?=deploy|a\.)/, '')] : [],
      );
    expect(layers).toEqual(['a.yaml', 'deploy/b.yaml']);
    expect(found.warnings).toEqual([]);
  });

  it('come from web servers too, pinned by the lock', async () => {
    await using server = await startHttpServer((request, response) => {
      response.end(request.path === '/deploy/web.yaml' ? DEPLOYMENT : '<!doctype html><html>log in</html>');
    });
    const url = `${server.url}/deploy/web.yaml`;
    const found = await resolve([url, url, 'a.yaml'], {
      'a.yaml': 'services: { cache: { image: "redis:7" } }\n',
    });
    expect(namesOf(found, 'image')).toEqual([
      'docker.io/library/nginx:1.25',
      'docker.io/library/redis:7',
      'quay.io/team/db:v2',
    ]);
    expect(namesOf(found, 'file')).toEqual(['manifests']);
    expect(await problemsOf(resolve([`${server.url}/other.yaml`], {}))).toEqual([
      expect.stringContaining('ERR_HTTP_BODY'),
    ]);
    expect(await problemsOf(resolve(['ftp://a.b/c.yaml'], {}))).toEqual([
      expect.stringMatching(/ERR_SPEC_INVALID.*http or https/),
    ]);
  });

  it('do not widen an image that the spec itself takes for certain platforms', async () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'a.yaml'), 'services: { cache: { image: "team/both:1" } }\n');
    const spec = join(folder.path, 'lab.yaml');
    writeFileSync(
      spec,
      'bundle: 1\nname: lab\nmanifests: [a.yaml]\nimages: [{ reference: team/both:1, platforms: [linux/amd64] }]\n',
    );
    const both = sampleImage({ name: 'both', platforms: ['linux/amd64', 'linux/arm64'] });
    await using bench = await startBench({ images: { 'docker.io/team/both:1': both } });
    const { parts } = await readSpec(spec, SOURCES, { env: {} });
    const items = await resolveItems('lab', parts, bench.context);
    expect(items.flatMap(({ item }) => (item.kind === 'image' ? [item.platforms] : []))).toEqual([
      ['linux/amd64'],
    ]);
  });

  it('make the same item however their folders are ordered', async () => {
    const files = { 'b.yaml': DEPLOYMENT, 'a.yaml': `${DEPLOYMENT}---\n` };
    const digests = await Promise.all(
      [['a.yaml', 'b.yaml'], ['b.yaml', 'a.yaml'], ['[ab].yaml', '?.yaml'].slice(1)].map(async (patterns) =>
        (await resolve(patterns, files)).items
          .filter(({ item }) => item.kind === 'file')
          .map(({ item }) => item.descriptor.digest),
      ),
    );
    expect(new Set(digests.map((each) => each.join())).size).toBe(1);
  });

  it('warn of what may be an image, and of one that only may be and is not there', async () => {
    const text =
      'apiVersion: v1\nkind: Pod\nspec:\n  note: see quay.io/team/note:v1\n  containers: [{ image: "nginx:1.25", args: ["--x=quay.io/team/gone:v1"] }]\n';
    const { warnings } = await resolve(['a.yaml'], { 'a.yaml': text });
    expect(warnings.join('\n')).toMatch(/quay\.io\/team\/gone:v1.*a\.yaml:5.*names it/);
    expect(warnings.join('\n')).toMatch(
      /1 text in manifests may be images.*quay\.io\/team\/note:v1 \(a\.yaml:4 spec\.note\)/,
    );
  });

  it('say where an image is named that cannot be had', async () => {
    const files = {
      'deploy/a.yaml': 'apiVersion: v1\nkind: Pod\nspec: { containers: [{ image: "team/gone:v1" }] }\n',
    };
    expect(await hintsOf(resolve(['deploy/*'], files))).toEqual([
      expect.stringContaining('It is named at deploy/a.yaml:3 spec.containers[0].image.'),
    ]);
  });

  it.each([
    ['a pattern that matches nothing', ['*.json'], {}, /ERR_SPEC_INVALID .*no file matches it/],
    [
      'a file that is not there',
      ['b.yaml'],
      {},
      /ERR_SPEC_INVALID Cannot read manifests "b\.yaml": there is no such file/,
    ],
    ['a folder', ['deploy'], { 'deploy/a.yaml': DEPLOYMENT }, /ERR_SPEC_INVALID .*it is not a file/],
    [
      'a template of Helm',
      ['b.yaml'],
      { 'b.yaml': '{{- if .Values.a }}\na: b\n{{- end }}\n' },
      /ERR_OBJECTS_INVALID Cannot read "b\.yaml" at line 1: it is a template of Helm/,
    ],
  ])('are refused: %s', async (_, patterns, files, expected) => {
    expect((await problemsOf(resolve(patterns, { 'a.yaml': DEPLOYMENT, ...files }))).join('\n')).toMatch(
      expected,
    );
  });
});
