import { once } from 'node:events';
import { connect } from 'node:net';
import { Agent, request } from 'undici';
import { describe, expect, it } from 'vitest';
import { formatAccess, formatEvent } from '../../src/serve/http/access-log.ts';
import { makeCertificates } from '../support/http/certificate.ts';
import { requirePeer } from '../support/peers/peers.ts';
import { plannedImage } from '../support/planned/items.ts';
import { openRaw, rawExchange } from '../support/http/raw-exchange.ts';
import { startServing } from '../support/sites/serving.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { thrownBy } from '../support/thrown.ts';
import { waitUntil } from '../support/wait-until.ts';

const NOW = new Date('2026-08-20T14:05:00Z');
const ENTRY = {
  client: '127.0.0.1',
  method: 'GET',
  target: '/v2/',
  status: 200,
  bytes: 123,
  seconds: 0.0123,
  agent: 'containerd/1.6',
  cut: false,
};

describe('the log', () => {
  it('has a line for each request, for people or for programs', () => {
    expect(formatAccess(ENTRY, 'text', NOW)).toBe(
      '2026-08-20T14:05:00.000Z 127.0.0.1 GET /v2/ 200 123 B 0.012 s "containerd/1.6"',
    );
    expect(JSON.parse(formatAccess(ENTRY, 'json', NOW))).toEqual({
      time: '2026-08-20T14:05:00.000Z',
      type: 'access',
      ...ENTRY,
    });
    expect(formatAccess({ ...ENTRY, cut: true }, 'text', NOW)).toContain(' cut ');
  });

  it('lets nobody write a line of his own, nor anything that a terminal acts on', () => {
    const forged = { ...ENTRY, agent: 'x\n2026 forged\u001b[2J\u202e"', target: '/a\r\nb' };
    for (const format of ['text', 'json'] as const) {
      const lines = [
        formatAccess(forged, format, NOW),
        formatEvent({ level: 'error', message: 'a\nb\u001b' }, format, NOW),
      ];
      for (const line of lines) expect(line).not.toMatch(/\p{Cc}/u);
    }
    expect(formatAccess(forged, 'text', NOW)).not.toContain('\u202e');
  });

  it('hears of what was sent and to whom', async () => {
    await using serving = await startServing();
    await (await serving.get('/v2/_catalog?n=1', { headers: { 'user-agent': 'tester' } })).text();
    await waitUntil(() => serving.accesses.length === 1);
    expect(serving.accesses[0]).toMatchObject({
      client: '127.0.0.1',
      method: 'GET',
      target: '/v2/_catalog?n=1',
      status: 200,
      agent: 'tester',
      cut: false,
    });
    expect(serving.accesses[0]?.bytes).toBeGreaterThan(100);
  });
});

describe('health and metrics', () => {
  it('are there for those who watch', async () => {
    await using serving = await startServing();
    expect(await (await serving.get('/healthz')).text()).toBe('ok\n');
    await (await serving.get('/v2/rancher/rancher/manifests/v2.9.2')).arrayBuffer();
    await rawExchange(serving.host, 'BREW /pot HTTP/1.1\r\nHost: x\r\n\r\n');
    await (await serving.get('/v2/', { method: 'OPTIONS' })).text();
    await waitUntil(() => serving.accesses.length >= 3);
    const page = await serving.get('/metrics');
    expect(page.headers.get('content-type')).toMatch(/^text\/plain/);
    const text = await page.text();
    expect(text).toContain('saddlebag_http_requests_total{method="GET",route="manifests",status="200"} 1');
    expect(text).toContain('saddlebag_http_requests_total{method="OPTIONS",route="none",status="405"} 1');
    expect(text).toContain('saddlebag_http_connections');
    expect(text).toContain('process_resident_memory_bytes');
  });
});

describe('stopping', () => {
  const large = plannedImage('docker.io/rancher/large:v1', { layers: 1, layerBytes: 32 * 1024 * 1024 });
  const blob = large.contents.find(({ bytes }) => bytes.length > 30_000_000)?.descriptor;

  it('takes no new client, and lets a client in the middle of a pull have the rest', async () => {
    const serving = await startServing({ bundles: [[large]] });
    using connection = await openRaw(serving.host);
    connection.socket.pause();
    connection.send(
      `GET /v2/rancher/large/blobs/${blob?.digest} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    );
    await waitUntil(() => connection.socket.bytesRead > 0);
    const stopped = serving.service.stop(20_000);
    const refused = connect({ host: '127.0.0.1', port: Number(serving.host.split(':')[1]) });
    await expect(once(refused, 'connect')).rejects.toThrow(/ECONNREFUSED/);
    connection.socket.resume();
    const answer = await connection.rest();
    await stopped;
    expect(answer.length).toBeGreaterThan(blob?.size ?? Infinity);
  });

  it('does not wait for a connection that is idle, nor longer than it was told to', async () => {
    const serving = await startServing({ bundles: [[large]] });
    using idle = await openRaw(serving.host);
    idle.send('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    using stuck = await openRaw(serving.host);
    stuck.socket.pause();
    stuck.send(`GET /v2/rancher/large/blobs/${blob?.digest} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await waitUntil(() => stuck.socket.bytesRead > 0);
    await serving.service.stop(100);
    stuck.socket.resume();
    expect((await stuck.rest()).length).toBeLessThan(blob?.size ?? 0);
    expect(await idle.rest()).toContain('ok\n');
  });
});

describe('listening', () => {
  it('says so when the address is taken', async () => {
    await using serving = await startServing();
    const port = Number(serving.host.split(':')[1]);
    const error = await thrownBy(startServing({ port }));
    expect(error).toMatchObject({
      code: 'ERR_LISTEN_FAILED',
      message: expect.stringContaining(String(port)),
    });
  });

  it('speaks TLS to those who trust its certificate', async (context) => {
    using folder = temporaryFolder();
    const { ca, cert, key } = await makeCertificates(requirePeer(context, 'openssl'), folder.path);
    await using serving = await startServing({ tls: { cert, key } });
    expect(serving.url).toMatch(/^https:/);
    const dispatcher = new Agent({ connect: { ca } });
    const { statusCode, body } = await request(`${serving.url}/v2/rancher/rancher/tags/list`, { dispatcher });
    expect([statusCode, await body.json()]).toEqual([200, { name: 'rancher/rancher', tags: ['v2.9.2'] }]);
    await dispatcher.close();
    // Plain HTTP, and an end in the middle of the handshake, trouble nobody else.
    await rawExchange(serving.host, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    (await openRaw(serving.host))[Symbol.dispose]();
    expect(serving.service.counts.requests).toBe(1);
  });

  it('refuses an invalid certificate before it listens', async () => {
    const error = await thrownBy(startServing({ tls: { cert: 'none', key: 'secret words' } }));
    expect(error.code).toBe('ERR_CREDENTIALS_INVALID');
    expect(error.message).not.toContain('secret');
  });
});
