import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import {
  type ScriptedServer,
  sendBeginning,
  serveFile,
  startHttpServer,
} from '../support/http/http-server.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { MemoryStream, runInMemory } from '../support/process/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { waitUntil } from '../support/wait-until.ts';

const CONTENT = Buffer.alloc(1_000_000, 'x');
const SUM = createHash('sha256').update(CONTENT).digest('hex');
const SECRET = 'hunTer2';
const SCHEMA = join(import.meta.dirname, '../../bundle-spec/schema/progress.schema.json');
const isEvent = new Ajv2020({ strict: true }).compile(JSON.parse(readFileSync(SCHEMA, 'utf8')));

interface Scene extends AsyncDisposable {
  readonly server: ScriptedServer;
  readonly clock: ManualClock;
  readonly stderr: MemoryStream;
  /** Resolves once the answer stalls. */
  readonly stalled: Promise<void>;
  /** Lets the stalled answer break off. */
  readonly cut: () => void;
  readonly run: (...argv: readonly string[]) => ReturnType<typeof runInMemory>;
  readonly at: (name: string) => string;
}

/** A download that stalls in the middle, or a host that asks for a pause first. */
async function startScene(fault: 'stall' | 'pause', voice: string): Promise<Scene> {
  const folder = temporaryFolder();
  const gate = Promise.withResolvers<void>();
  const stall = Promise.withResolvers<void>();
  const faults = new Set([fault]);
  const server = await startHttpServer(async (request, response) => {
    if (request.method === 'GET' && faults.delete('pause'))
      response.writeHead(429, { 'retry-after': '1' }).end();
    else if (request.method === 'GET' && faults.delete('stall')) {
      await sendBeginning(response, CONTENT.subarray(0, 400_000), {
        headers: { 'content-length': CONTENT.length },
      });
      stall.resolve();
      await gate.promise;
      response.destroy();
    } else if (request.method === 'HEAD') response.writeHead(200, { 'content-length': CONTENT.length }).end();
    else serveFile(request, response, CONTENT);
  });
  const url = `${server.url.replace('//', `//user:${SECRET}@`)}/%E5%B7%A5%E5%85%B7.bin?token=${SECRET}`;
  const at = (name: string): string => join(folder.path, name);
  writeFileSync(at('lab.yaml'), `bundle: 1\nname: lab\nfiles: [{ url: "${url}", sha256: ${SUM} }]\n`);
  const clock = new ManualClock();
  const stderr = new MemoryStream(voice === 'live');
  return {
    server,
    clock,
    stderr,
    at,
    stalled: stall.promise,
    cut: () => gate.resolve(),
    run: (...argv) =>
      runInMemory([...argv, '--progress', voice], { verbs: 'real', home: folder.path, clock, stderr }),
    [Symbol.asyncDispose]: async () => {
      gate.resolve();
      await server[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

/** Returns the events on stderr, all of which the schema allows. */
function eventsIn(stderr: string): readonly Record<string, unknown>[] {
  const events = stderr
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  expect(events.filter((event) => !isEvent(event))).toEqual([]);
  return events;
}

describe('a build from a host that stalls', () => {
  it.each([
    // Its host may be silent for so long before the first progress of the fetching is told: the clock goes fast here.
    ['plain', /^(?:Resolving|Fetching) .* no bytes for 5 s from HOST, try 1 of 6\n/m],
    ['live', /\n {2}no bytes for 5 s from HOST, try 1 of 6/],
    [
      'json',
      /"event":"network","type":"silence","request":\d+,"host":"HOST","phase":"body","seconds":5,"try":1,"tries":6}\n/,
    ],
  ])('says so within seconds, and finishes when it can: %s', async (voice, told) => {
    await using scene = await startScene('stall', voice);
    const host = new URL(scene.server.url).host;
    const building = scene.run('build', scene.at('lab.yaml'), '-o', scene.at('lab.tar'));
    const wanted = new RegExp(told.source.replace('HOST', host), told.flags);
    await scene.stalled;
    await waitUntil(() => {
      scene.clock.pass(0.5);
      return wanted.test(scene.stderr.text);
    });
    scene.cut();
    const { status, stdout } = await building;
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Built .*\n.*\n.*\n.*\nroot sha256:[0-9a-f]{64}\n$/);
    expect(scene.stderr.text).toContain('bundle verify lab.tar');
    expect(stdout + scene.stderr.text).not.toContain(SECRET);
    expect(scene.clock.tasks).toBe(0);
    if (voice !== 'json') return;
    const events = eventsIn(scene.stderr.text);
    expect(events).toContainEqual(
      expect.objectContaining({ event: 'network', type: 'retry', host, try: 2, tries: 6 }),
    );
    const progress = events.filter(({ event, stage }) => event === 'progress' && stage === 'fetch');
    expect(progress.at(-1)).toMatchObject({ done: 3, total: 3, underWay: [] });
    expect(progress.at(0)).toMatchObject({
      underWay: [{ name: `${scene.server.url}/%E5%B7%A5%E5%85%B7.bin`, totalBytes: CONTENT.length }],
    });
    expect(events.slice(-2)).toMatchObject([{ event: 'next' }, { event: 'end', exitStatus: 0 }]);
  });
});

describe('a build from a host that asks for a pause', () => {
  it.each([
    ['plain', 'warning: "HOST" asks for a pause of 1 s'],
    ['json', '"event":"network","type":"pause","host":"HOST","seconds":1,"isQuota":false}\n'],
  ])('says so: %s', async (voice, told) => {
    await using scene = await startScene('pause', voice);
    const host = new URL(scene.server.url).host;
    const { status } = await scene.run('build', scene.at('lab.yaml'), '-o', scene.at('lab.tar'));
    expect(status).toBe(0);
    expect(scene.stderr.text).toContain(told.replace('HOST', host));
    expect(scene.stderr.text).not.toContain(SECRET);
    const warning = voice === 'json' ? '"event":"finding","level":"warning"' : 'warning: ';
    expect(scene.stderr.text).toContain(warning);
  });
});

describe('a command that fails', () => {
  it('tells programs why, and with which status it ends', async () => {
    const run = await runInMemory(['verify', '/nonexistent/lab.tar', '--progress=json', '--json'], {
      verbs: 'real',
    });
    const events = eventsIn(run.stderr);
    expect(events).toMatchObject([
      { event: 'stage', stage: 'open' },
      { event: 'error', code: 'ERR_BUNDLE_NOT_FOUND', problems: [] },
      { event: 'end', exitStatus: 5 },
    ]);
    expect(JSON.parse(run.stdout)).toMatchObject({ error: { code: 'ERR_BUNDLE_NOT_FOUND' } });
  });

  it.each([
    ['an option that there is not', ['verify', 'x', '--progress', 'json', '--nope']],
    ['a command that there is not', ['vrify', '--progress=json']],
    ['an argument that is missing', ['verify', '--progress=json']],
  ])('tells programs of a command line that it cannot read: %s', async (_, argv) => {
    const { status, stderr } = await runInMemory(argv);
    const events = eventsIn(stderr);
    expect(status).toBe(2);
    expect(events).toMatchObject([
      { event: 'error', code: 'ERR_USAGE_INVALID' },
      { event: 'end', exitStatus: 2 },
    ]);
  });

  it('refuses a voice that there is not, in the usual one', async () => {
    const { status, stderr } = await runInMemory(['verify', 'x', '--progress', 'jsn']);
    expect(status).toBe(2);
    expect(stderr).toContain('error: Cannot use --progress "jsn": expected auto, live, plain, json, none');
    expect(stderr).toContain('Did you mean "json"?');
  });
});
