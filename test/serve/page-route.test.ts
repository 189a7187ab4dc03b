import { formatBytes } from '../../src/internal/format.ts';
import { inspectBundle } from '../../src/verbs/inspect.ts';
import { NOBODY } from '../support/surroundings.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawExchange } from '../support/http/raw-exchange.ts';
import { type Serving, startServing } from '../support/sites/serving.ts';

const HTML = { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } };

let serving: Serving;
beforeAll(async () => {
  serving = await startServing();
});
afterAll(() => serving[Symbol.asyncDispose]());

describe('the root of the server', () => {
  it('is a page for browsers, with a policy that lets it load nothing', async () => {
    const response = await serving.get('/', HTML);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-/,
    );
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    const page = await response.text();
    expect(page).toContain(serving.bundle.plan.root);
    expect(page).toContain(`<code>${serving.url}/v2/</code>`);
  });

  it('tells the same sizes as an inspection', async () => {
    const page = (await (await serving.get('/', HTML)).text()).replaceAll(/\s+/g, ' ');
    const { items } = await inspectBundle({ path: serving.path }, NOBODY);
    const wrong = items.filter(({ name, bytes }) => {
      const row = page.slice(page.indexOf(`<bdi>${name}</bdi></th>`));
      return /class="size">([^<]*)</.exec(row)?.[1] !== formatBytes(bytes);
    });
    expect(items.length).toBeGreaterThan(3);
    expect(wrong).toEqual([]);
  });

  it('names under each image what the registry here answers to', async () => {
    const page = await (await serving.get('/', HTML)).text();
    const names = [...page.matchAll(/class="pull"\s*><code>([^<]*)</g)].map(([, name = '']) => name);
    expect(names.toSorted()).toEqual(['library/busybox:1.36', 'rancher/rancher:v2.9.2']);
    for (const name of names) {
      const [repository, tag] = name.split(':');
      const response = await serving.get(`/v2/${repository}/manifests/${tag}`, { method: 'HEAD' });
      expect([name, response.status]).toEqual([name, 200]);
    }
  });

  it('is plain text for everybody else', async () => {
    const response = await serving.get('/');
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    const text = await response.text();
    expect(text).toContain(serving.bundle.plan.root);
    expect(text).not.toContain('<');
  });

  it('is not sent again to a client that has it', async () => {
    const first = await serving.get('/', HTML);
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"sha256:/);
    expect(first.headers.get('vary')).toContain('accept');
    const again = await serving.get('/', { headers: { ...HTML.headers, 'if-none-match': etag } });
    expect([again.status, await again.text()]).toEqual([304, '']);
    const text = await serving.get('/', { headers: { 'if-none-match': etag } });
    expect(text.status).toBe(200);
    await text.text();
  });

  it.each([HTML.headers.accept, '*/*'])(
    'says how long it is, also when only that is asked (%s)',
    async (accept) => {
      const head = await serving.get('/', { headers: { accept }, method: 'HEAD' });
      expect(await head.text()).toBe('');
      const whole = await (await serving.get('/', { headers: { accept } })).arrayBuffer();
      expect(whole.byteLength).toBeGreaterThan(100);
      expect(Number(head.headers.get('content-length'))).toBe(whole.byteLength);
    },
  );

  it('is another page for those who know the server by another name', async () => {
    const pages = ['a.lab', 'b.lab:81'].map(async (host) => {
      const request = `GET / HTTP/1.1\r\nHost: ${host}\r\nAccept: text/html\r\nConnection: close\r\n\r\n`;
      const answer = await rawExchange(serving.host, request);
      expect(answer).toContain(`http://${host}/v2/`);
      return /etag: (\S+)/i.exec(answer)?.[1];
    });
    expect(new Set(await Promise.all(pages)).size).toBe(2);
  });

  it.each(['"><script>alert(1)</script>', 'a b', "x'y", '$(reboot)', 'user@x', 'x/y'])(
    'does not repeat the host %j',
    async (host) => {
      const request = `GET / HTTP/1.1\r\nHost: ${host}\r\nAccept: text/html\r\nConnection: close\r\n\r\n`;
      const answer = await rawExchange(serving.host, request);
      expect(answer).toContain('SERVER:5000');
      expect(answer).not.toContain(`//${host}`);
    },
  );

  it('has the password in its commands when one was needed', async () => {
    await using guarded = await startServing({ guard: async () => 'granted' });
    const headers = { ...HTML.headers, authorization: `Basic ${btoa('lab:secret words')}` };
    const page = await (await guarded.get('/', { headers })).text();
    expect(page).toContain('docker login');
    expect(page).not.toContain('secret words');
  });
});
