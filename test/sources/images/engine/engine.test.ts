import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createRawServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openBundle } from '../../../../src/bundle/open.ts';
import { digestOf } from '../../../../src/oci/digest.ts';
import { buildBundle, type BuildWish } from '../../../../src/verbs/build.ts';
import { problemsIn } from '../../../support/failure.ts';
import { sampleImage } from '../../../support/samples/sample-image.ts';
import { dockerForm, layoutForm, partsOf, tarForm } from '../../../support/samples/saved-forms.ts';
import { NOBODY } from '../../../support/surroundings.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { thrownBy } from '../../../support/thrown.ts';

const IMAGE = sampleImage({ name: 'kept', layers: 2, layerBytes: 200_000 });
const INDEX = sampleImage({ name: 'both', platforms: ['linux/amd64', 'linux/arm64'] });
const CONFIG = partsOf(IMAGE).config.descriptor.digest;

function scratch(): string {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  return folder.path;
}

interface FakeImage {
  readonly id: string;
  readonly tags: readonly string[];
  readonly tar: Uint8Array;
}

/** Docker's Engine API, as it is described, over `images`; `onExport` may answer an export instead. */
async function fakeDocker(
  images: readonly FakeImage[],
  onExport: (request: IncomingMessage, response: ServerResponse, image: FakeImage) => boolean = () => false,
): Promise<{ readonly socket: string; readonly exports: () => number }> {
  const socket = join(scratch(), 'socket');
  let exports = 0;
  const server = createServer((request, response) => {
    response.setHeader('api-version', '1.47');
    const path = decodeURIComponent(request.url ?? '');
    if (path === '/_ping') return void response.end('OK');
    if (path === '/v1.47/images/json')
      return void response.end(JSON.stringify(images.map(({ id, tags }) => ({ Id: id, RepoTags: tags }))));
    const [, name = '', what] = /^\/v1\.47\/images\/(.+)\/(json|get)$/.exec(path) ?? [];
    const found = images.find(
      ({ id, tags }) => tags.includes(name) || id === name || id.startsWith(`sha256:${name}`),
    );
    if (found === undefined) {
      response.statusCode = 404;
      return void response.end(`{"message":"No such image: ${name}"}`);
    }
    if (what === 'json') return void response.end(JSON.stringify({ Id: found.id, RepoTags: found.tags }));
    exports += 1;
    if (!onExport(request, response, found)) response.end(found.tar);
  });
  server.listen(socket);
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { socket, exports: () => exports };
}

const KEPT: FakeImage = { id: CONFIG, tags: ['my/app:dev'], tar: tarForm(dockerForm(IMAGE, undefined)) };

async function build(
  images: readonly object[],
  more: Partial<BuildWish & { readonly folder: string }> = {},
): Promise<string> {
  const { folder = scratch(), ...wish } = more;
  const specPath = join(folder, 'lab.yaml');
  const out = join(folder, 'lab.tar');
  writeFileSync(specPath, JSON.stringify({ bundle: 1, name: 'lab', images }));
  await buildBundle({ specPath, out, ...wish }, NOBODY);
  return out;
}

describe('an image of an engine', () => {
  it('is exported by its ID, once to be listed and once to be written, and several at once', async () => {
    const other = sampleImage({ name: 'other', layers: 1 });
    const second = {
      id: partsOf(other).config.descriptor.digest,
      tags: ['my/other:1'],
      tar: tarForm(dockerForm(other, undefined)),
    };
    const { socket, exports } = await fakeDocker([KEPT, second]);
    const engine = `docker=${socket}`;
    const wish = [
      { engine, reference: 'my/app:dev' },
      { engine, reference: 'my/other:1' },
      { engine, id: CONFIG.slice(7, 30), reference: 'quay.io/my/app:1' },
    ];
    const folder = scratch();
    const out = await build(wish, { folder });
    const first = digestOf(readFileSync(out));
    await using bundle = await openBundle(out);
    expect(bundle.document.items.map(({ name }) => name)).toEqual([
      'docker.io/my/app:dev',
      'docker.io/my/other:1',
      'quay.io/my/app:1',
    ]);
    expect(exports()).toBe(5);
    expect(Object.keys(JSON.parse(readFileSync(join(folder, 'lab.lock.json'), 'utf8')).engines)).toEqual([
      `${engine} ${CONFIG.slice(7, 30)}`,
      `${engine} my/app:dev`,
      `${engine} my/other:1`,
    ]);
    expect(digestOf(readFileSync(await build(wish, { folder, locked: true })))).toBe(first);
  });

  it('in the store of containerd keeps its manifest; of an index, what was pulled comes along', async () => {
    const [amd64] = INDEX.manifests;
    const entries = layoutForm(INDEX, 'docker.io/my/both:1');
    const arm64 = INDEX.manifests[1]?.descriptor.digest.slice(7) ?? '';
    const part = entries.filter(({ path }) => !path.endsWith(arm64));
    const { socket } = await fakeDocker([{ id: INDEX.root.digest, tags: ['my/both:1'], tar: tarForm(part) }]);
    const out = await build([{ engine: `docker=${socket}`, reference: 'my/both:1' }]);
    await using bundle = await openBundle(out);
    expect(bundle.document.items).toMatchObject([
      {
        name: 'docker.io/my/both:1',
        descriptor: { digest: amd64?.descriptor.digest },
        platforms: ['linux/amd64'],
      },
    ]);
  });

  it('by digest is refused where the engine keeps no manifest, and is for the platform that was asked for', async () => {
    const name = `my/app@${IMAGE.root.digest}`;
    const { socket } = await fakeDocker([{ ...KEPT, tags: [name, 'my/app:dev'] }]);
    const engine = `docker=${socket}`;
    const digest = await thrownBy(build([{ engine, reference: name }]));
    expect(problemsIn(digest).join()).toContain(
      `Cannot take image "${IMAGE.root.digest}" of docker at ${socket}`,
    );
    const platforms = ['linux/s390x'];
    const other = await thrownBy(build([{ engine, reference: 'my/app:dev', platforms }]));
    expect(problemsIn(other).join()).toContain('linux/s390x');
  });
});

describe('an engine that does not give an image', () => {
  it.each([
    [
      'refuses',
      (response: ServerResponse) => response.writeHead(500).end('{"message":"the graph driver is gone"}'),
      'the graph driver is gone',
    ],
    ['dies', (response: ServerResponse) => response.destroy(), 'the engine ended the connection'],
    ['sends half of it and dies', half, 'the engine ended the connection'],
    [
      'sends what is no archive',
      (response: ServerResponse) => response.end('{"message":"hello"}'),
      'Cannot read',
    ],
    ['sends nothing', (response: ServerResponse) => response.end(), 'it holds none that can be told'],
  ])('is told when it %s', async (_, answer, words) => {
    const { socket } = await fakeDocker([KEPT], (__, response) => (answer(response), true));
    const error = await thrownBy(build([{ engine: `docker=${socket}`, reference: 'my/app:dev' }]));
    expect([error.message, ...problemsIn(error)].join()).toContain(words);
  });

  it('dies when its image is written: the build says so, and the next one goes on', async () => {
    let count = 0;
    const { socket } = await fakeDocker([KEPT], (_, response) => {
      count += 1;
      if (count !== 2) return false;
      half(response);
      return true;
    });
    const images = [{ engine: `docker=${socket}`, reference: 'my/app:dev' }];
    const folder = scratch();
    const error = await thrownBy(build(images, { folder }));
    expect([error.code, ...problemsIn(error)].join()).toContain('ERR_ENGINE_FAILED');
    await build(images, { folder });
    await using bundle = await openBundle(join(folder, 'lab.tar'));
    expect(bundle.document.items).toHaveLength(1);
  });

  it('exports something else the second time: no byte of it enters a bundle', async () => {
    let count = 0;
    const other = tarForm(
      dockerForm(sampleImage({ name: 'swap', layers: 2, layerBytes: 200_000 }), undefined),
    );
    const { socket } = await fakeDocker([KEPT], (_, response) => {
      count += 1;
      response.end(count === 1 ? KEPT.tar : other);
      return true;
    });
    const error = await thrownBy(build([{ engine: `docker=${socket}`, reference: 'my/app:dev' }]));
    expect([error.message, ...problemsIn(error)].join()).toMatch(/Cannot verify blob|Cannot read archive/);
  });

  it('is told with its socket: nothing there, a file, another program, another host, no such engine', async () => {
    const folder = scratch();
    writeFileSync(join(folder, 'file'), '');
    const server = createRawServer((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nOK'));
    server.listen(join(folder, 'other'));
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const problem = async (engine: string): Promise<readonly [string, string]> => {
      const error = await thrownBy(build([{ engine, reference: 'my/app:dev' }]));
      return [error.code, [error.message, ...problemsIn(error)].join()];
    };
    const failed = (words: string): unknown => ['ERR_ENGINE_FAILED', expect.stringContaining(words)];
    expect(await problem(`docker=${join(folder, 'none')}`)).toEqual(failed('nothing is there'));
    expect(await problem(`podman=${join(folder, 'file')}`)).toEqual(failed('Cannot talk to the engine'));
    expect(await problem(`docker=${join(folder, 'other')}`)).toEqual(
      failed("it does not speak Docker's API"),
    );
    expect(await problem(`containerd=${join(folder, 'none')}`)).toEqual(failed('nothing is there'));
    expect(await problem('dockr')).toEqual([
      'ERR_SPEC_INVALID',
      expect.stringContaining('Cannot use engine "dockr"'),
    ]);
  });

  it('does not have it: the nearest name is shown, or all that it has', async () => {
    const { socket } = await fakeDocker([KEPT]);
    const engine = `docker=${socket}`;
    const hintOf = async (part: object): Promise<string> =>
      JSON.stringify(await thrownBy(build([{ engine, ...part }])));
    expect(await hintOf({ reference: 'my/app:dve' })).toContain('Did you mean \\"my/app:dev\\"');
    expect(await hintOf({ reference: 'quite/different:1' })).toContain('It has \\"my/app:dev\\"');
    expect(await hintOf({ reference: 'x:1', id: 'f'.repeat(12) })).toContain('ERR_UPSTREAM_NOT_FOUND');
  });
});

function half(response: ServerResponse): void {
  response.write(KEPT.tar.subarray(0, KEPT.tar.length / 2), () => response.destroy());
}
