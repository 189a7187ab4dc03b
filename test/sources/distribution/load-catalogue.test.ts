import { describe, expect, it } from 'vitest';
import { loadCatalogue } from '../../../src/sources/distribution/load-catalogue.ts';
import { CATALOGUE } from '../../../src/sources/k3s/catalogue.ts';
import type { Asking } from '../../../src/sources/questions.ts';
import { SAMPLE_SITES } from '../../support/samples/sample-sites.ts';
import { startBench } from '../../support/sites/source-context.ts';
import { thrownBy } from '../../support/thrown.ts';
import { waitUntil } from '../../support/wait-until.ts';

const K3S = CATALOGUE.distribution;

const RELEASES = '/repos/k3s-io/k3s/releases';
const CHANNELS = '/v1-release/channels';

describe('loadCatalogue', () => {
  it('reads every page, asking for 100 releases at a time', async () => {
    await using bench = await startBench({ pageSize: 5 });
    const { releases, channels } = await loadCatalogue(K3S, bench.context);
    expect(releases.map(({ tag }) => tag)).toEqual(SAMPLE_SITES.releases.map(({ tag }) => tag).toSorted());
    expect(channels.get('stable')).toBe('v1.36.3+k3s1');
    const pages = bench.upstream.requests.filter(({ path }) => path === RELEASES);
    expect(pages.map(({ target }) => target)).toEqual([
      `${RELEASES}?per_page=100`,
      `${RELEASES}?per_page=100&page=2`,
      `${RELEASES}?per_page=100&page=3`,
    ]);
    expect(pages[0]?.headers['accept']).toBe('application/vnd.github.v3+json');
  });

  it('asks once, however many ask', async () => {
    await using bench = await startBench();
    await Promise.all([bench.context.ask(CATALOGUE, undefined), bench.context.ask(CATALOGUE, undefined)]);
    await bench.context.ask(CATALOGUE, undefined);
    expect(bench.asked().toSorted()).toEqual([`GET ${RELEASES}`, `GET ${CHANNELS}`]);
  });

  it('sends GITHUB_TOKEN with every page and with nothing else', async () => {
    await using bench = await startBench({ pageSize: 5, env: { GITHUB_TOKEN: 't0ken' } });
    await loadCatalogue(K3S, bench.context);
    const sent = bench.upstream.requests.map(({ path, headers }) => [path, headers['authorization']]);
    expect(sent.filter(([, header]) => header === 'Bearer t0ken').map(([path]) => path)).toEqual(
      Array.from({ length: 3 }, () => RELEASES),
    );
    expect(sent.filter(([path]) => path === CHANNELS)).toEqual([[CHANNELS, undefined]]);
  });

  it('sends a token without the line end that a file left there, and none that is blank', async () => {
    for (const [GITHUB_TOKEN, header] of [
      ['t0ken\r\n', 'Bearer t0ken'],
      [' \n', undefined],
    ] as const) {
      await using bench = await startBench({ env: { GITHUB_TOKEN } });
      await loadCatalogue(K3S, bench.context);
      const sent = bench.upstream.requests.filter(({ path }) => path === RELEASES);
      expect(sent.map(({ headers }) => headers['authorization'])).toEqual([header]);
    }
  });

  it('sends nothing to the list of releases with a token that no header can hold', async () => {
    await using bench = await startBench({ env: { GITHUB_TOKEN: 't0\nken' } });
    expect((await thrownBy(loadCatalogue(K3S, bench.context))).code).toBe('ERR_USAGE_INVALID');
    expect(bench.asked()).not.toContain(`GET ${RELEASES}`);
  });

  it('sends no token to another origin, neither by a link nor by a redirect', async () => {
    await using other = await startBench();
    await using bench = await startBench({ pageSize: 5, env: { GITHUB_TOKEN: 't0ken' } });
    const next = `${other.upstream.url}${RELEASES}?per_page=100&page=1`;
    bench.upstream.faults.add({
      path: RELEASES,
      times: 1,
      answer: { status: 200, headers: { link: `<${next}>; rel="next"` }, body: '[]' },
    });
    bench.upstream.faults.add({
      path: CHANNELS,
      answer: { status: 302, headers: { location: `${other.upstream.url}${CHANNELS}` } },
    });
    const { releases } = await loadCatalogue(K3S, bench.context);
    expect(releases).toHaveLength(SAMPLE_SITES.releases.length);
    expect(other.upstream.requests.map(({ headers }) => headers['authorization'])).toEqual([
      undefined,
      undefined,
    ]);
  });

  it.each([
    'http://mirror.example/releases',
    'http://192.0.2.7/releases',
    'http://0.0.0.0/releases',
    'http://mirror.localhost/releases',
    'http://localhost.example/releases',
    'http://127.0.0.1.example/releases',
    'http://127.0.0.1@mirror.example/releases',
    'http://[::ffff:192.0.2.7]/releases',
    'http://[::2]/releases',
  ])('sends no token in clear text over a network, to %s', async (url) => {
    expect(await headersSentTo(url)).toEqual([{ accept: 'application/vnd.github.v3+json' }]);
  });

  it.each([
    'https://api.github.com/repos/k3s-io/k3s/releases',
    'https://mirror.example/releases',
    'http://localhost:5000/releases',
    'http://127.0.0.1:5000/releases',
    'http://127.1:5000/releases',
    'http://[::1]:5000/releases',
  ])('sends the token where nobody can read it on the way, to %s', async (url) => {
    const accept = 'application/vnd.github.v3+json';
    expect(await headersSentTo(url)).toEqual([{ accept, authorization: 'Bearer t0ken' }]);
  });

  it('says when a used-up rate limit resets, and what raises it', async () => {
    await using bench = await startBench();
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1787234700' };
    bench.upstream.faults.add({
      path: RELEASES,
      answer: { status: 403, headers, body: 'rate limit exceeded' },
    });
    const error = await thrownBy(loadCatalogue(K3S, bench.context));
    expect(error.code).toBe('ERR_HTTP_STATUS');
    expect(error.message).toBe(
      `Cannot query "${String(bench.upstream.upstreams['k3sReleases'])}": its rate limit is used up until 2026-08-20 14:05:00 UTC`,
    );
    expect(error.hint).toContain('GITHUB_TOKEN');
  });

  it('says so for 429 as well, after the tries are used up', async () => {
    await using bench = await startBench();
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': 'soon' };
    bench.upstream.faults.add({ path: RELEASES, answer: { status: 429, headers } });
    const error = await thrownBy(loadCatalogue(K3S, bench.context));
    expect(error.message).toMatch(/its rate limit is used up$/);
    expect(bench.asked().filter((request) => request === `GET ${RELEASES}`)).toHaveLength(3);
  });

  it('does not take any other 403 for a rate limit, and never names the token', async () => {
    await using bench = await startBench({ env: { GITHUB_TOKEN: 't0ken' } });
    bench.upstream.faults.add({ path: RELEASES, answer: { status: 403, body: 'Forbidden' } });
    const error = await thrownBy(loadCatalogue(K3S, bench.context));
    expect(error.message).toContain('the server answered 403, "Forbidden"');
    expect(`${error.message} ${error.hint}`).not.toContain('t0ken');
  });

  it('refuses pages that never end', async () => {
    await using bench = await startBench();
    const link = `<${bench.upstream.url}${RELEASES}?per_page=100>; rel="next"`;
    bench.upstream.faults.add({ path: RELEASES, answer: { status: 200, headers: { link }, body: '[]' } });
    const error = await thrownBy(loadCatalogue(K3S, bench.context));
    expect(error.code).toBe('ERR_DOCUMENT_INVALID');
    expect(error.message).toMatch(/^Cannot list K3s releases: the pages of ".*\/releases" do not end$/);
  });

  it('comes through errors that pass: a 500, and a page that breaks off', async () => {
    await using bench = await startBench();
    bench.upstream.faults.add({ path: RELEASES, times: 1, answer: { status: 500 } });
    bench.upstream.faults.add({ path: RELEASES, times: 2, answer: 'early-close' });
    expect((await loadCatalogue(K3S, bench.context)).releases).toHaveLength(SAMPLE_SITES.releases.length);
  });

  it('gives up on a page that always breaks off', async () => {
    await using bench = await startBench();
    bench.upstream.faults.add({ path: RELEASES, answer: 'early-close' });
    expect((await thrownBy(loadCatalogue(K3S, bench.context))).code).toBe('ERR_NETWORK_FAILED');
  });

  it('refuses a login page in place of the releases', async () => {
    await using bench = await startBench();
    bench.upstream.faults.add({ path: RELEASES, answer: 'html' });
    const error = await thrownBy(loadCatalogue(K3S, bench.context));
    expect(error.code).toBe('ERR_HTTP_BODY');
    expect(error.message).toContain('the server answered with an HTML page');
  });

  it('continues without the channels, and keeps the reason', async () => {
    await using bench = await startBench();
    bench.upstream.faults.add({ path: CHANNELS, answer: 'html' });
    const { releases, channels, channelFault } = await loadCatalogue(K3S, bench.context);
    expect(releases).toHaveLength(SAMPLE_SITES.releases.length);
    expect([...channels]).toEqual([]);
    expect(channelFault?.code).toBe('ERR_HTTP_BODY');
  });

  it('stops at once when it is interrupted', async () => {
    const controller = new AbortController();
    await using bench = await startBench({ signal: controller.signal });
    bench.upstream.faults.add({ path: RELEASES, answer: 'stall' });
    const loading = thrownBy(loadCatalogue(K3S, bench.context));
    await waitUntil(() => bench.asked().some((request) => request.includes(RELEASES)));
    controller.abort();
    expect((await loading).code).toBe('ERR_INTERRUPTED');
  });
});

/** Asks for the releases at `k3sReleases` with a token at hand, and returns the headers they are asked with. */
async function headersSentTo(k3sReleases: string): Promise<readonly unknown[]> {
  await using bench = await startBench({ env: { GITHUB_TOKEN: 't0ken' } });
  const asked: unknown[] = [];
  const web: Asking['web'] = {
    measure: unasked,
    document: unasked,
    query: async (url, options) => {
      const isList = !url.endsWith(CHANNELS);
      if (isList) asked.push(options?.headers);
      const body = isList ? '[]' : '{"resourceType": "channels", "data": []}';
      return { body: Buffer.from(body), headers: {} };
    },
  };
  await loadCatalogue(K3S, { ...bench.context, web, upstreams: { ...bench.context.upstreams, k3sReleases } });
  return asked;
}

async function unasked(): Promise<never> {
  throw new Error('expected no such question');
}
