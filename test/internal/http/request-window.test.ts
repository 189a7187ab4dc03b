import { describe, expect, it } from 'vitest';
import { createHttpClient } from '../../../src/internal/http/client.ts';
import { Host, SMALL_TRANSFER } from '../../../src/internal/http/host.ts';
import { RequestWindow } from '../../../src/internal/http/request-window.ts';
import { reset, startHttpServer } from '../../support/http/http-server.ts';
import { waitUntil } from '../../support/wait-until.ts';

describe('the number of requests that a host gets at once', () => {
  it('begins small, and grows with the answers up to what is allowed', () => {
    const window = new RequestWindow(12);
    expect(window.size).toBe(8);
    for (let answers = 0; answers < 100; answers += 1) window.grow();
    expect(window.size).toBe(12);
  });

  it('never exceeds what the user allows', () => {
    const window = new RequestWindow(3);
    expect(window.size).toBe(3);
    window.grow();
    expect(window.size).toBe(3);
  });

  it('is halved once for all requests that were sent before', () => {
    const window = new RequestWindow(8);
    const { epoch } = window;
    for (let refusals = 0; refusals < 8; refusals += 1) window.shrink(epoch);
    expect(window.size).toBe(4);
    window.shrink(window.epoch);
    expect(window.size).toBe(2);
  });

  it('grows by one with each round of answers once it was halved, and is never nothing', () => {
    const window = new RequestWindow(32);
    for (let refusals = 0; refusals < 20; refusals += 1) window.shrink(window.epoch);
    expect(window.size).toBe(2);
    for (let answers = 0; answers < 3; answers += 1) window.grow();
    expect(window.size).toBe(3);
  });

  it.each([1, 2])('stays at %i when the user allows no more', (most) => {
    const window = new RequestWindow(most);
    for (let refusals = 0; refusals < 20; refusals += 1) window.shrink(window.epoch);
    expect(window.size).toBe(most);
  });
});

describe('a host that nobody gave a number for', () => {
  it('gets 32 requests at once when it answers them, and 8 large transfers', async () => {
    const host = new Host();
    for (let answers = 0; answers < 100; answers += 1) host.took();
    expect(await entered(host, { count: 40, weight: SMALL_TRANSFER })).toBe(32);
    const other = new Host();
    for (let answers = 0; answers < 100; answers += 1) other.took();
    expect(await entered(other, { count: 40, weight: SMALL_TRANSFER + 1 })).toBe(8);
  });

  it('gives back both places of a large transfer', async () => {
    const host = new Host(1);
    for (let time = 0; time < 3; time += 1) {
      await using _place = await host.enter({ weight: SMALL_TRANSFER + 1 });
    }
    expect(await entered(host, { count: 2, weight: 0 })).toBe(1);
  });

  it('gives back the place of a large transfer that is interrupted while it waits', async () => {
    const host = new Host(1);
    const held = await host.enter();
    const stop = new AbortController();
    const waiting = host.enter({ weight: SMALL_TRANSFER + 1, signal: stop.signal });
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    await held[Symbol.asyncDispose]();
    await using _place = await host.enter({ weight: SMALL_TRANSFER + 1 });
  });
});

describe('a host that has more requests than it takes', () => {
  it.each([
    ['429', 429],
    ['503', 503],
    ['a reset connection', undefined],
  ])('gets fewer at once after %s, and answers all of them in the end', async (_, status) => {
    const most = 4;
    await using server = await startHttpServer(async (request, response) => {
      if (request.path === '/first') return void response.end();
      if (server.open() > most) {
        if (status === undefined) reset(response);
        else response.writeHead(status).end();
        return;
      }
      await waitUntil(() => server.open() >= 2 || server.requests.length > 30);
      response.end();
    });
    await using client = createHttpClient({ backoff: { base: 0.01, max: 0.02 }, retries: 30 });
    // A host that never answered is more likely misspelt than busy.
    await (await client.request(`${server.url}/first`))[Symbol.asyncDispose]();
    const paths = Array.from({ length: 30 }, (_, index) => `${server.url}/${index}`);
    const answers = await Promise.all(paths.map((url) => client.request(url)));
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      await answer[Symbol.asyncDispose]();
    }
  });
});

/** Returns how many of so many callers are let in. */
async function entered(
  host: Host,
  { count, weight }: { readonly count: number; readonly weight: number },
): Promise<number> {
  let inside = 0;
  const stop = new AbortController();
  const callers = Array.from({ length: count }, () =>
    host.enter({ weight, signal: stop.signal }).then(() => (inside += 1)),
  );
  for (let turns = 0; turns < 100; turns += 1) await Promise.resolve();
  const found = inside;
  stop.abort();
  await Promise.allSettled(callers);
  return found;
}
