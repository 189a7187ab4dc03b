import { describe, expect, it } from 'vitest';
import { createHttpClient, type WaitNotice } from '../../../../src/internal/http/client.ts';
import { loadCatalogue } from '../../../../src/sources/distribution/load-catalogue.ts';
import { githubPause } from '../../../../src/sources/web/github/refusal.ts';
import { createWebUpstream } from '../../../../src/sources/web/upstream.ts';
import { SAMPLE_SITES } from '../../../support/samples/sample-sites.ts';
import { type SourceBench, startBench } from '../../../support/sites/source-context.ts';
import { thrownBy } from '../../../support/thrown.ts';
import { CATALOGUE } from '../../../../src/sources/k3s/catalogue.ts';

const K3S = CATALOGUE.distribution;

const RELEASES = '/repos/k3s-io/k3s/releases';
const CHANNELS = '/v1-release/channels';
const NOW = 1_787_234_700;
const date = new Date(NOW * 1000).toUTCString();

type Headers = Readonly<Record<string, string>>;

describe('githubPause', () => {
  it.each<[string, number, Headers, number | undefined]>([
    ['the pace', 403, { 'retry-after': '2' }, 2],
    ['the pace', 429, { 'retry-after': '2' }, 2],
    ['the pace, before the reset', 403, { ...usedUp(3600), 'retry-after': '2' }, 2],
    ['the pace, whatever the time', 403, { 'retry-after': '3600' }, 3600],
    ['a limit that starts anew now', 403, usedUp(0), 0],
    ['a limit that has just started anew', 403, usedUp(-5), 0],
    ['a limit that starts anew soon', 403, usedUp(3), 3],
    ['a limit that starts anew soon', 429, usedUp(3), 3],
    ['a limit that starts anew within a minute', 403, usedUp(60), 60],
    ['a limit that starts anew later', 403, usedUp(61), undefined],
    ['a limit that started anew long ago', 403, usedUp(-61), undefined],
    ['a limit without a time', 403, { 'x-ratelimit-remaining': '0' }, undefined],
    ['a limit with nonsense for a time', 403, { ...usedUp(3), 'x-ratelimit-reset': 'soon' }, undefined],
    ['a limit that is not used up', 403, { ...usedUp(3), 'x-ratelimit-remaining': '7' }, undefined],
    ['a denial', 403, {}, undefined],
    ['a stale token', 401, { ...usedUp(3), 'retry-after': '2' }, undefined],
    ['a missing page', 404, { ...usedUp(3), 'retry-after': '2' }, undefined],
    ['an overload, which is for everyone to obey', 503, { 'retry-after': '2' }, undefined],
  ])('for %s, %i', (_, status, headers, pause) => {
    expect(githubPause({ status, headers, words: '' })).toBe(pause);
  });

  it.each<[string, number, Headers, string, number | undefined]>([
    ['without a time', 403, {}, 'You have exceeded a secondary rate limit. Please wait', 60],
    ['without a time', 429, {}, 'You have exceeded a secondary rate limit. Please wait', 60],
    ['with requests left', 403, { 'x-ratelimit-remaining': '42' }, 'exceeded a secondary rate limit', 60],
    ['in its older words', 403, {}, 'You have triggered an abuse detection mechanism', 60],
    ['named in its address alone', 403, {}, 'see /rest/overview#about-secondary-rate-limits', 60],
    ['with a time', 403, { 'retry-after': '7' }, 'You have exceeded a secondary rate limit', 7],
    ['beside a used-up limit', 403, usedUp(3600), 'You have exceeded a secondary rate limit', undefined],
    ['of a page that is not there', 404, {}, 'secondary rate limit', undefined],
    ['of a stale token', 401, {}, 'secondary rate limit', undefined],
    ['of another kind', 403, {}, 'Resource not accessible by integration', undefined],
  ])('for the pace %s, %i', (_, status, headers, words, pause) => {
    expect(githubPause({ status, headers, words })).toBe(pause);
  });
});

describe("a refusal of GitHub's API that passes", () => {
  it.each<[string, number, Headers]>([
    ['403 with Retry-After', 403, { 'retry-after': '0.05' }],
    ['429 with Retry-After', 429, { 'retry-after': '0.05' }],
    ['403 with a reset in a second', 403, usedUp(1)],
  ])('is waited for, and told: %s', async (_, status, headers) => {
    await using bench = await startBench();
    const heard: WaitNotice[] = [];
    await using client = createHttpClient({ retries: 1, onWait: (notice) => heard.push(notice) });
    bench.upstream.faults.add({ path: RELEASES, times: 1, answer: { status, headers } });
    const { releases } = await loadCatalogue(K3S, { ...bench.context, web: createWebUpstream(client) });
    expect(releases).toHaveLength(SAMPLE_SITES.releases.length);
    const seconds = Number(headers['retry-after'] ?? '1');
    expect(heard).toEqual([{ host: new URL(bench.upstream.url).host, status, seconds, isQuota: false }]);
    expect(timesAsked(bench)).toBe(2);
  });

  it('is waited for when only its words say that it passes', async () => {
    await using bench = await startBench();
    const heard: WaitNotice[] = [];
    const stop = new AbortController();
    await using client = createHttpClient({
      signal: stop.signal,
      onWait: (notice) => {
        heard.push(notice);
        stop.abort();
      },
    });
    const body = '{"documentation_url": "x", "message": "You have exceeded a secondary rate limit"}';
    bench.upstream.faults.add({
      path: RELEASES,
      answer: { status: 403, body, headers: { 'content-type': 'application/json' } },
    });
    await thrownBy(loadCatalogue(K3S, { ...bench.context, web: createWebUpstream(client) }));
    expect(heard).toMatchObject([{ status: 403, seconds: 60, isQuota: false }]);
  });

  it('may be interrupted meanwhile', async () => {
    const controller = new AbortController();
    await using bench = await startBench({ signal: controller.signal });
    await using client = createHttpClient({ onWait: () => controller.abort() });
    bench.upstream.faults.add({ path: RELEASES, answer: { status: 403, headers: { 'retry-after': '600' } } });
    const error = await thrownBy(loadCatalogue(K3S, { ...bench.context, web: createWebUpstream(client) }));
    expect(error.code).toBe('ERR_INTERRUPTED');
    expect(timesAsked(bench)).toBe(1);
  });

  it('is not waited for longer than any host may ask', async () => {
    await using bench = await startBench();
    bench.upstream.faults.add({
      path: RELEASES,
      answer: { status: 403, headers: { 'retry-after': '7200' } },
    });
    const error = await thrownBy(loadCatalogue(K3S, bench.context));
    expect(error.message).toMatch(/the server answered 403, and asks to wait /);
    expect(timesAsked(bench)).toBe(1);
  });

  it('is not waited for at another host, whose 403 is a denial', async () => {
    await using bench = await startBench();
    bench.upstream.faults.add({
      path: CHANNELS,
      answer: { status: 403, headers: { 'retry-after': '0.05' } },
    });
    const { channelFault } = await loadCatalogue(K3S, bench.context);
    expect(channelFault?.message).toContain('the server answered 403');
    expect(bench.asked().filter((request) => request === `GET ${CHANNELS}`)).toHaveLength(1);
  });
});

describe("the hint of a refusal of GitHub's API", () => {
  const STALE = 'This host does not take the token in GITHUB_TOKEN: unset it, or make a new one.';
  const WEAK = 'The token in GITHUB_TOKEN may lack the right to this: unset it, or make a new one.';
  const HOST = 'Check the credentials for this host.';
  const MORE = 'or set GITHUB_TOKEN: with a token of yours the limit is much higher.';
  const token = 's3cret';

  it.each<[string, number, Headers, string | undefined, string]>([
    ['a stale token', 401, {}, token, STALE],
    ['a stale token with a line end', 401, {}, `${token}\r\n`, STALE],
    ['no token', 401, {}, undefined, HOST],
    ['an empty token', 401, {}, '', HOST],
    ['a token without the right', 403, {}, token, WEAK],
    ['a denial without a token', 403, {}, undefined, HOST],
    ['a used-up limit without a token', 403, usedUp(3600), undefined, `Try again then, ${MORE}`],
    ['a used-up limit with a token', 403, usedUp(3600), token, 'Try again then.'],
    ['a used-up limit without a time', 403, { 'x-ratelimit-remaining': '0' }, token, 'Try again later.'],
    ['a long pause without a token', 403, { 'retry-after': '7200' }, undefined, `Try again later, ${MORE}`],
    ['a long pause with a token', 403, { 'retry-after': '7200' }, token, 'Try again later.'],
    ['a pace of 429 without a token', 429, {}, '\n', `Try again later, ${MORE}`],
  ])('fits %s', async (_, status, headers, value, hint) => {
    await using bench = await startBench({ env: value === undefined ? {} : { GITHUB_TOKEN: value } });
    const body = '{"message": "Bad credentials"}';
    bench.upstream.faults.add({ path: RELEASES, answer: { status, headers, body } });
    const error = await thrownBy(loadCatalogue(K3S, bench.context));
    expect(error.code).toBe('ERR_HTTP_STATUS');
    expect(error.hint).toBe(hint);
    expect(`${error.message} ${error.stack}`).not.toContain(token);
  });

  it('does not blame a token that the refusing host has not seen', async () => {
    await using other = await startBench();
    await using bench = await startBench({ env: { GITHUB_TOKEN: token } });
    const location = `${other.upstream.url}${RELEASES}`;
    bench.upstream.faults.add({ path: RELEASES, answer: { status: 302, headers: { location } } });
    other.upstream.faults.add({ path: RELEASES, answer: { status: 401 } });
    expect((await thrownBy(loadCatalogue(K3S, bench.context))).hint).toBe(HOST);
  });
});

/** The headers of a limit that is used up, and starts anew `seconds` after the answer. */
function usedUp(seconds: number): Headers {
  return { date, 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW + seconds) };
}

function timesAsked(bench: SourceBench): number {
  return bench.asked().filter((request) => request === `GET ${RELEASES}`).length;
}
