import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startService } from '../../src/serve/service.ts';
import { serveFile, startHttpServer } from '../support/http/http-server.ts';
import { type CliRun, runInMemory } from '../support/process/cli.ts';
import { startRegistry, type InProcessRegistry } from '../support/registry/registry.ts';
import { sampleImage } from '../support/samples/sample-image.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { filesUnder } from '../support/tree.ts';

const USER = { username: 'robot', password: 'hunTer/S3cr3T' };
const TOKEN = 'QueryS3cr3T';
const SECRETS = [
  'hunTer',
  'S3cr3T',
  Buffer.from(`${USER.username}:${USER.password}`).toString('base64'),
  encodeURIComponent(USER.password),
];
const image = sampleImage({ name: 'app', layerBytes: 200_000 });
const tool = Buffer.from('#!/bin/sh\necho tool\n');

/** Where the credentials of the registry are written. */
const WAYS = ['registries.configs', 'a variable', 'config.json', 'the base64 of registries.configs'] as const;

interface Scene {
  readonly registry: InProcessRegistry;
  /** Closed, nothing gets out of the registry, and no manifest into it. */
  readonly gate: { isClosed: boolean };
  /** Where everything goes that a command writes. */
  readonly out: string;
  /** What the user wrote, which may hold secrets. */
  readonly given: string;
  readonly run: (...argv: readonly string[]) => Promise<CliRun>;
  /** Fails when a file that a command wrote, or an output, holds a secret. */
  readonly expectClean: (...more: readonly string[]) => void;
}

/** A registry with a password, a file behind a password and a token in its address, and what a user writes for them. */
async function setUp(way: (typeof WAYS)[number]): Promise<Scene> {
  const folder = temporaryFolder();
  const [given, out] = [join(folder.path, 'given'), join(folder.path, 'out')];
  mkdirSync(given);
  mkdirSync(out);
  const gate = { isClosed: false };
  const registry = await startRegistry({
    auth: { scheme: 'bearer', ...USER },
    intercept: async ({ entry, request, response }) => {
      const isContent = entry.topic === 'blob' || (entry.topic === 'manifest' && request.method === 'PUT');
      if (!gate.isClosed || !isContent || request.method === 'HEAD') return false;
      request.resume();
      response.writeHead(403).end();
      return true;
    },
  });
  await registry.seed('team/app', image, 'v1');
  const files = await startHttpServer((request, response) => {
    const { authorization } = request.headers;
    if (authorization?.startsWith('Basic ') !== true) return void response.writeHead(401).end();
    return serveFile(request, response, tool);
  });
  onTestFinished(async () => {
    await registry[Symbol.asyncDispose]();
    await files[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });
  const pair = Buffer.from(`${USER.username}:${USER.password}`).toString('base64');
  const auth = {
    'registries.configs': USER,
    'a variable': { username: USER.username, password: '${REGISTRY_PASSWORD}' },
    'config.json': undefined,
    'the base64 of registries.configs': { auth: pair },
  }[way];
  const home = join(out, 'home');
  mkdirSync(join(given, 'docker'), { recursive: true });
  mkdirSync(home);
  const auths = way === 'config.json' ? { [registry.host]: { auth: pair } } : {};
  writeFileSync(join(given, 'docker', 'config.json'), JSON.stringify({ auths }));
  const registries = auth === undefined ? {} : { configs: { [registry.host]: { auth } } };
  writeFileSync(join(given, 'registries.yaml'), JSON.stringify(registries));
  const login = `${USER.username}:${encodeURIComponent(USER.password)}@`;
  const url = `${files.url.replace('://', `://${login}`)}/tool.sh?token=${TOKEN}`;
  const spec = {
    bundle: 1,
    name: 'lab',
    images: [`${registry.host}/team/app:v1`],
    files: [{ url }],
    registries,
  };
  writeFileSync(join(given, 'lab.yaml'), JSON.stringify(spec));
  const env = { REGISTRY_PASSWORD: USER.password, DOCKER_CONFIG: join(given, 'docker') };
  const outputs: string[] = [];
  return {
    registry,
    gate,
    given,
    out,
    run: async (...argv) => {
      const run = await runInMemory([...argv, '--verbose'], { env, home, verbs: 'real' });
      outputs.push(run.stdout, run.stderr);
      return run;
    },
    expectClean: (...more) => {
      const texts = [
        ...Object.entries(filesUnder(out)),
        ...outputs.map((text) => ['an output', text] as const),
        ...more.map((text) => ['an answer', text] as const),
      ];
      const found = texts.flatMap(([where, text]) =>
        [...SECRETS, TOKEN].filter((secret) => text.includes(secret)).map((secret) => `${where}: ${secret}`),
      );
      expect(found).toEqual([]);
    },
  };
}

it.each(WAYS)(
  'a password is in no file that a command writes, and on no page, with it in %s',
  async (way) => {
    const { registry, gate, given, out, run, expectClean } = await setUp(way);
    const tar = join(out, 'lab.tar');
    const spec = [join(given, 'lab.yaml'), '--lock', join(out, 'lab.lock.json')];

    expect((await run('lock', ...spec)).status).toBe(0);
    expectClean();

    // A build that is stopped leaves its journal.
    gate.isClosed = true;
    expect((await run('build', ...spec, '-o', tar)).status).toBe(4);
    expect(Object.keys(filesUnder(out)).some((path) => path.endsWith('.journal'))).toBe(true);
    expectClean();

    gate.isClosed = false;
    expect((await run('build', ...spec, '-o', tar)).status).toBe(0);
    expectClean();

    const to = ['--registry', `${registry.host}/mirror`, '--files', join(out, 'files')];
    const registries = ['--registries', join(given, 'registries.yaml')];
    const retry = ['--retry', join(out, 'retry.txt')];
    gate.isClosed = true;
    expect((await run('install', tar, ...to, ...registries, ...retry)).status).toBeGreaterThan(0);
    expect(Object.keys(filesUnder(out))).toContain('retry.txt');
    expectClean();

    gate.isClosed = false;
    expect((await run('install', tar, ...to, ...registries, ...retry)).status).toBe(0);
    expect(Object.keys(filesUnder(out)).some((path) => /receipts?\/.*\.json$/.test(path))).toBe(true);
    await run('receipts');
    await run('inspect', tar, '--json');
    await run('verify', tar, '--json');
    await run(
      'config',
      'registries.yaml',
      '--bundle',
      tar,
      '--registry',
      registry.host,
      '--username',
      USER.username,
    );
    expectClean();

    const service = await startService({ paths: [tar], host: '127.0.0.1', port: 0 });
    try {
      const pages = ['/', '/healthz', '/v2/', '/v2/_catalog', '/nothing'].map(async (path) => {
        const response = await fetch(`${service.url}${path}`, { headers: { accept: 'text/html' } });
        return `${JSON.stringify([...response.headers])} ${await response.text()}`;
      });
      expectClean(...(await Promise.all(pages)));
    } finally {
      await service.stop(0);
    }
  },
);
