import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashSync } from 'bcryptjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Finding } from '../../src/internal/finding.ts';
import {
  type ServeEars,
  type ServeResult,
  serveBundles,
  type ServeWish,
  type Serving,
} from '../../src/verbs/serve.ts';
import { plannedImage } from '../support/planned/items.ts';
import { sampleBundle } from '../support/samples/sample-bundle.ts';
import { startMain } from '../support/process/run-main.ts';
import { NOBODY } from '../support/surroundings.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { thrownBy } from '../support/thrown.ts';

function folder(): (name: string) => string {
  const scratch = temporaryFolder();
  onTestFinished(() => scratch[Symbol.dispose]());
  const at = (name: string): string => join(scratch.path, name);
  writeFileSync(at('lab.tar'), sampleBundle().tar);
  return at;
}

/** Serves until `use` is done with it. */
async function serve(
  options: ServeWish & Pick<ServeEars, 'onFinding' | 'onLog'>,
  use: (serving: Serving) => Promise<void> = async () => undefined,
): Promise<ServeResult> {
  const { onFinding, onLog, ...wish } = options;
  const stop = new AbortController();
  const { promise, resolve } = Promise.withResolvers<Serving>();
  const ended = serveBundles({ listen: { host: '127.0.0.1', port: 0 }, ...wish }, NOBODY, {
    onFinding,
    onLog,
    signal: stop.signal,
    onListening: resolve,
  });
  const serving = await Promise.race([promise, ended]);
  await use(serving);
  stop.abort();
  return await ended;
}

describe('serveBundles', () => {
  it('serves until it is stopped, and tells what it served', async () => {
    const at = folder();
    const lines: string[] = [];
    const result = await serve(
      { paths: [at('lab.tar')], log: 'json', onLog: (line) => lines.push(line) },
      async ({ url }) => {
        expect(await (await fetch(`${url}/healthz`)).text()).toBe('ok\n');
      },
    );
    expect(result).toMatchObject({ bundles: 1, items: 5, requests: 1 });
    expect(result.bytes).toBeGreaterThan(0);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ type: 'access', target: '/healthz' }]);
  });

  it('says nothing of a loopback address, and plainly what any other one means', async () => {
    const at = folder();
    const findings: Finding[] = [];
    const onFinding = (finding: Finding): void => void findings.push(finding);
    await serve({ paths: [at('lab.tar')], onFinding });
    expect(findings).toEqual([]);
    writeFileSync(at('users'), `ann:${hashSync('x', 4)}\n`);
    const listen = { host: '0.0.0.0', port: 0 };
    await serve({ paths: [at('lab.tar')], listen, onFinding });
    await serve({ paths: [at('lab.tar')], listen, htpasswd: at('users'), onFinding });
    expect(findings.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /beyond this host, at 0\.0\.0\.0: anyone who reaches it can read everything; .*changed/,
      ),
      expect.not.stringContaining('whoever reaches it'),
    ]);
  });

  it.each([
    ['a bundle that is not there', { paths: ['none.tar'] }, 'ERR_BUNDLE_NOT_FOUND'],
    ['half of what TLS needs', { tlsCert: 'server.crt' }, 'ERR_USAGE_INVALID'],
    ['a password file that is not there', { htpasswd: 'none' }, 'ERR_CREDENTIALS_INVALID'],
    ['an address of another host', { listen: { host: '192.0.2.1', port: 0 } }, 'ERR_LISTEN_FAILED'],
  ])('refuses %s', async (_, options, code) => {
    const paths = [folder()('lab.tar')];
    expect(await thrownBy(serve({ paths, ...options }))).toMatchObject({ code });
  });

  it('refuses what is neither a bundle nor a layout, and a bundle of nothing', async () => {
    const at = folder();
    writeFileSync(at('other.tar'), sampleBundle([]).tar);
    expect(await thrownBy(serve({ paths: [at('other.tar')] }))).toMatchObject({
      code: 'ERR_CONTENT_NOT_FOUND',
    });
    expect(await thrownBy(serve({ paths: [at('.')] }))).toMatchObject({
      code: 'ERR_BUNDLE_INVALID',
      message: expect.stringContaining('neither "bundle.json" nor "index.json"'),
    });
  });
});

describe('bundle serve', () => {
  it('shuts down gracefully at SIGTERM, with the rest of a pull sent and status 0', async () => {
    const at = folder();
    const image = plannedImage('docker.io/rancher/large:v1', { layers: 1, layerBytes: 32 * 1024 * 1024 });
    writeFileSync(at('large.tar'), sampleBundle([image]).tar);
    const process = startMain(['serve', at('large.tar'), at('lab.tar'), '--listen', '127.0.0.1:0', '--json']);
    const url = await process.line(/ at (http:\S+)/);
    const blob = image.contents.find(({ bytes }) => bytes.length > 30_000_000)?.descriptor;
    const response = await fetch(`${url}/v2/rancher/large/blobs/${blob?.digest}`);
    process.kill('SIGTERM');
    // It takes no more requests, once the signal has reached it, and still sends the rest of this one.
    let taken = 1;
    const isTaken = async (): Promise<boolean> => (await (await fetch(url)).arrayBuffer()).byteLength > 0;
    while (await isTaken().catch(() => false)) taken += 1;
    expect((await response.arrayBuffer()).byteLength).toBe(blob?.size);
    const { status, stdout, stderr } = await process.ended;
    expect({ status, stderr }).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('GET /v2/rancher/large/blobs/'),
    });
    expect(JSON.parse(stdout)).toMatchObject({ bundles: 2, requests: taken });
  });

  it.each(['5000', ':5000', 'host', '127.0.0.1:99999', '::1:5000', 'a b:1'])(
    'refuses to listen at %s',
    async (listen) => {
      const at = folder();
      const { status, stderr } = await startMain(['serve', at('lab.tar'), `--listen=${listen}`]).ended;
      expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('HOST:PORT') });
    },
  );
});
