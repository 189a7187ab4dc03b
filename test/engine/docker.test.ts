import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createRawServer } from 'node:net';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseEngine } from '../../src/engine/address.ts';
import { openEngine } from '../../src/engine/open.ts';
import { dockerEngine } from '../../src/engine/docker/docker.ts';
import { loadFault } from '../../src/engine/docker/load-report.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { engineTarget } from '../../src/targets/engine/engine-target.ts';
import { plannedImage } from '../support/planned/items.ts';
import { bundleOf } from '../support/samples/target-samples.ts';
import { installTarget } from '../support/sites/install-target.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { thrownBy } from '../support/thrown.ts';

const IMAGE = 'docker.io/rancher/shell:v1';

function scratch(): string {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  return folder.path;
}

/** Docker as its API describes it, without an image; `load` answers a load. */
async function fakeDocker(
  load: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Engine> {
  const socket = join(scratch(), 'socket');
  const server = createServer((request, response) => {
    response.setHeader('api-version', '1.41');
    if (request.url === '/_ping') return void response.end('OK');
    if (request.method === 'POST') return load(request, response);
    response.statusCode = 404;
    response.end('{"message":"no such image"}');
  });
  server.listen(socket);
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return dockerEngine('docker', socket);
}

async function failureOf(engine: Engine): Promise<readonly [string, string]> {
  const bundle = await bundleOf([plannedImage(IMAGE, { layerBytes: 300_000 })]);
  const target = engineTarget(bundle, { engine, platform: { os: 'linux', architecture: 'amd64' } });
  const error = await thrownBy(installTarget(target));
  return [error.code, error.message];
}

const lines = (...each: readonly unknown[]): string => each.map((one) => `${JSON.stringify(one)}\n`).join('');

describe('a Docker that does not load', () => {
  it.each([
    [
      'says so',
      lines({ error: 'invalid diffID', errorDetail: { message: 'invalid diffID' } }),
      'ERR_TARGET_FAILED',
      'invalid diffID',
    ],
    ['has no room', lines({ error: 'write /x: no space left on device' }), 'ERR_DISK_FULL', 'no space left'],
    [
      'cannot unpack what it calls loaded',
      lines({ stream: `Loaded image: ${IMAGE}\n` }, { stream: `Error unpacking image ${IMAGE}: bad\n` }),
      'ERR_TARGET_FAILED',
      'Error unpacking',
    ],
    ['takes nothing', '{}', 'ERR_TARGET_FAILED', 'it took nothing'],
    [
      'took another image',
      lines({ stream: 'Loaded image: other:1\n' }),
      'ERR_TARGET_FAILED',
      'it does not say that it has it',
    ],
    ['talks no JSON', 'hello\n', 'ERR_TARGET_FAILED', 'it does not say that it has it'],
  ])('is told, with what it says: one that %s', async (_, answer, code, words) => {
    const engine = await fakeDocker((request, response) => {
      request.resume().once('end', () => response.end(answer));
    });
    const [found, message] = await failureOf(engine);
    expect([found, message]).toEqual([code, expect.stringContaining(words)]);
    expect(message).toContain(`Cannot load image "${IMAGE}" into docker at `);
  });

  it('is told when it refuses before it has read everything', async () => {
    const engine = await fakeDocker((_, response) => {
      response.statusCode = 500;
      response.end('{"message":"the graph driver is gone"}');
    });
    expect((await failureOf(engine))[1]).toContain('the graph driver is gone');
  });

  it('is told when it dies in the middle', async () => {
    const engine = await fakeDocker((request) => {
      request.once('data', () => request.socket.destroy());
    });
    expect((await failureOf(engine))[0]).toBe('ERR_TARGET_FAILED');
  });
});

describe('a socket that is not an engine’s', () => {
  it('is told before anything is sent: nothing there, a file, another program', async () => {
    const folder = scratch();
    writeFileSync(join(folder, 'file'), '');
    expect((await thrownBy(dockerEngine('docker', join(folder, 'none')).reach())).message).toContain(
      'nothing is there',
    );
    expect((await thrownBy(dockerEngine('docker', join(folder, 'file')).reach())).code).toBe(
      'ERR_TARGET_FAILED',
    );
    const server = createRawServer((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nOK'));
    server.listen(join(folder, 'other'));
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    expect((await thrownBy(dockerEngine('docker', join(folder, 'other')).reach())).message).toContain(
      "it does not speak Docker's API",
    );
  });
});

describe('loadFault', () => {
  it.each([
    ['docker.io/library/x:1', 'Loaded image: x:1'],
    ['docker.io/rancher/x:1', 'Loaded image: rancher/x:1'],
    ['docker.io/rancher/x:1', 'Loaded image: docker.io/rancher/x:1'],
    ['quay.io/x/y:1', 'Loaded image: quay.io/x/y:1'],
  ])('finds %s in "%s"', (image, stream) => {
    expect(loadFault(lines({ stream: `${stream}\n` }), image)).toBeUndefined();
  });
});

describe('an engine that is named', () => {
  it.each([
    ['docker', { name: 'docker' }],
    ['podman=/run/p.sock', { name: 'podman', socket: '/run/p.sock' }],
    ['docker=unix:///run/d.sock', { name: 'docker', socket: '/run/d.sock' }],
    ['docker=npipe:////./pipe/docker_engine', { name: 'docker', socket: String.raw`\\.\pipe\docker_engine` }],
    [
      String.raw`docker=\\.\pipe\docker_engine`,
      { name: 'docker', socket: String.raw`\\.\pipe\docker_engine` },
    ],
    ['containerd=default', { name: 'containerd', namespace: 'default' }],
    ['k3s=k8s.io@/run/k.sock', { name: 'k3s', namespace: 'k8s.io', socket: '/run/k.sock' }],
    ['rancher-desktop', { name: 'rancher-desktop' }],
  ])('is understood: %s', (text, expected) => {
    expect(parseEngine(text)).toEqual(expected);
  });

  it.each([
    '',
    'dockr',
    'docker=',
    'docker=name',
    'docker=tcp://10.0.0.1:2375',
    'containerd=a@b',
    'containerd=./x.sock',
    '=x',
  ])('is refused: %j', (text) => {
    expect(() => parseEngine(text)).toThrow('Cannot use ');
  });
});

describe('the socket of a user’s Docker', () => {
  it.each([
    ['that of DOCKER_HOST', { DOCKER_HOST: 'unix:///run/mine.sock' }, '', '/run/mine.sock'],
    ['that of the context in use', {}, 'lab', '/run/lab.sock'],
    ['that of DOCKER_CONTEXT', { DOCKER_CONTEXT: 'lab' }, 'default', '/run/lab.sock'],
  ])('is %s', async (_, env, context, expected) => {
    const home = scratch();
    const hash = createHash('sha256').update('lab').digest('hex');
    mkdirSync(join(home, '.docker/contexts/meta', hash), { recursive: true });
    writeFileSync(join(home, '.docker/config.json'), JSON.stringify({ currentContext: context }));
    const meta = { Name: 'lab', Endpoints: { docker: { Host: 'unix:///run/lab.sock' } } };
    writeFileSync(join(home, '.docker/contexts/meta', hash, 'meta.json'), JSON.stringify(meta));
    const engine = await openEngine({ name: 'docker' }, { os: 'linux', env, home });
    expect(engine.place).toBe(`engine:docker:${expected}`);
  });

  it('is refused on another host', async () => {
    const host = { os: 'linux', env: { DOCKER_HOST: 'ssh://me@lab' }, home: scratch() };
    expect(await thrownBy(openEngine({ name: 'docker' }, host))).toMatchObject({
      code: 'ERR_USAGE_INVALID',
    });
  });
});
