import { describe, expect, it } from 'vitest';
import { failureOf } from '../../support/failure.ts';
import { startHttpServer, type ScriptedServer } from '../../support/http/http-server.ts';
import { openTestClient } from '../../support/registry/client.ts';
import type { FaultAction } from '../../support/registry/fault.ts';
import { startRegistry } from '../../support/registry/registry.ts';
import { sampleImage } from '../../support/samples/sample-image.ts';

const NAME = 'team/app';
const image = sampleImage({ name: 'tagged' });
const JSON_TYPE = { 'content-type': 'application/json' };

function answer(body: unknown, link?: string): FaultAction {
  return {
    type: 'status',
    status: 200,
    headers: link === undefined ? JSON_TYPE : { ...JSON_TYPE, link },
    body,
  };
}

/** Returns what a client is told when the registry answers like this, and how often it asked. */
async function ask(
  action: FaultAction,
  times = 1,
): Promise<{ tags: readonly string[]; error: Error | undefined; asked: number; host: string }> {
  await using registry = await startRegistry({ faults: [{ on: 'GET tags', times, action }] });
  await using client = openTestClient();
  await registry.seed(NAME, image, 'v1');
  const repository = client.open(registry.host).repository(NAME);
  const listed = async (): Promise<readonly string[]> => (await repository.listTags?.()) ?? [];
  const found = await listed().then(
    (tags) => ({ tags, error: undefined }),
    (error: unknown) => ({ tags: [], error: error instanceof Error ? error : undefined }),
  );
  return { ...found, asked: registry.log.count('GET tags'), host: registry.host };
}

describe('tags of a repository', () => {
  it('are listed from all pages, 5000 of them as well, each once', async () => {
    await using server = await startPages({ pages: 50 });
    await using client = openTestClient();
    const tags = await client.open(server.url).repository(NAME).listTags?.();
    // Each page begins with the last tag of the one before.
    expect(tags).toHaveLength(5001);
    expect(server.requests.filter(({ path }) => path.includes('/tags/'))).toHaveLength(50);
  });

  it('are not read for ever from a list with ever new pages', async () => {
    await using server = await startPages({ pages: Infinity });
    await using client = openTestClient();
    const error = await failureOf(async () => await client.open(server.url).repository(NAME).listTags?.());
    expect(error).toMatchObject({ code: 'ERR_DOCUMENT_INVALID', fact: 'the list does not end' });
    expect(server.requests.length).toBeLessThan(510);
  });

  it.each([
    ['of another host', '<http://registry.internal:5000/v2/team/app/tags/list?last=a>; rel="next"'],
    ['with a path of its own', '</api/docker/team/app/tags/list?last=a>;rel=next'],
    ['after other links', '<https://docs.lab>; rel="help", <?last=a>; title="a; b"; rel="last next"'],
  ])('are asked of the same registry, whatever link it gives: one %s', async (_what, link) => {
    const { tags, asked } = await ask(answer({ name: NAME, tags: ['a'] }, link));
    expect(tags).toEqual(['a', 'v1']);
    expect(asked).toBe(2);
  });

  it.each<[string, FaultAction, string, string]>([
    [
      'another name',
      answer({ name: 'team/other', tags: ['v1'] }),
      'ERR_DOCUMENT_INVALID',
      'another repository, "team/other"',
    ],
    ['no name', answer({ tags: ['v1'] }), 'ERR_DOCUMENT_INVALID', 'does not say which repository'],
    [
      'tags with slashes',
      answer({ name: NAME, tags: ['v1', '../../v2'] }),
      'ERR_DOCUMENT_INVALID',
      'what is no tag, "../../v2"',
    ],
    ['tags that are numbers', answer({ name: NAME, tags: [1] }), 'ERR_DOCUMENT_INVALID', 'what is no tag, 1'],
    ['no list', answer({ name: NAME }), 'ERR_DOCUMENT_INVALID', 'not a list of tags'],
    ['no JSON', answer('tags: []'), 'ERR_DOCUMENT_INVALID', 'not a list of tags'],
    ['an array', answer(['v1']), 'ERR_DOCUMENT_INVALID', 'not a list of tags'],
    ['null', answer({ name: NAME, tags: null }), 'ERR_UPSTREAM_NOT_FOUND', 'an empty list'],
    ['an empty list', answer({ name: NAME, tags: [] }), 'ERR_UPSTREAM_NOT_FOUND', 'an empty list'],
    ['a web page', { type: 'html' }, 'ERR_REGISTRY_FAILED', 'web page'],
    ['403', { type: 'status', status: 403 }, 'ERR_REGISTRY_DENIED', 'answered 403'],
    ['404', { type: 'status', status: 404 }, 'ERR_UPSTREAM_NOT_FOUND', 'answered 404'],
    ['405', { type: 'status', status: 405 }, 'ERR_REGISTRY_FAILED', 'answered 405'],
  ])('are not taken from an answer with %s', async (_what, action, code, fact) => {
    const { error, host } = await ask(action);
    expect(error).toMatchObject({ code, hint: expect.stringContaining('Name the tags in the spec') });
    expect(error?.message).toContain(`Cannot list the tags of "${host}/${NAME}": `);
    expect(error?.message).toContain(fact);
  });

  it.each([
    ['repeats itself', '<?last=a>; rel="next"', 2],
    ['goes back to its beginning', '<?n=1000>; rel="next"', 1],
  ])('are not read for ever from a list that %s', async (_what, link, pages) => {
    const { error, asked } = await ask(answer({ name: NAME, tags: ['a'] }, link), 1000);
    expect(error).toMatchObject({ code: 'ERR_DOCUMENT_INVALID', fact: 'the list does not end' });
    expect(asked).toBe(pages);
  });

  it('are asked of a mirror under its own name, and of the next one when it has none', async () => {
    await using denying = await startRegistry({
      faults: [{ on: 'GET tags', action: { type: 'status', status: 405 } }],
    });
    await using mirror = await startRegistry();
    await mirror.seed('hub/rancher/shell', image, 'v0.1.20');
    const settings = {
      mirrors: {
        'docker.io': {
          endpoint: [denying.url, mirror.url],
          rewrite: { '^rancher/(.*)$': 'hub/rancher/$1' },
        },
      },
    };
    await using client = openTestClient({ settings });
    expect(await client.open('docker.io').repository('rancher/shell').listTags?.()).toEqual(['v0.1.20']);
    const paths = mirror.log.entries.filter(({ topic }) => topic === 'tags').map(({ path }) => path);
    expect(paths).toEqual(['/v2/hub/rancher/shell/tags/list?n=1000&ns=docker.io']);
  });

  it('name every host that was asked in vain', async () => {
    const faults = [{ on: 'GET tags', action: { type: 'status', status: 404 } }] as const;
    await using mirror = await startRegistry({ faults });
    await using own = await startRegistry({ faults });
    await using client = openTestClient({
      settings: { mirrors: { [own.host]: { endpoint: [mirror.url] } } },
    });
    const repository = client.open(own.host).repository(NAME);
    const error = await failureOf(async () => await repository.listTags?.());
    expect(error.code).toBe('ERR_UPSTREAM_NOT_FOUND');
    for (const { host } of [mirror, own]) expect(error.message).toContain(`"${host}": `);
  });
});

/** Starts a registry whose list has so many pages of 101 tags, of which they share one. */
async function startPages({ pages }: { readonly pages: number }): Promise<ScriptedServer> {
  return await startHttpServer(({ path }, response) => {
    const page = Number(new URLSearchParams(path.split('?')[1]).get('last') ?? 0);
    const tags = Array.from({ length: 101 }, (_, index) => `v1.0.${page * 100 + index}`);
    if (page + 1 < pages)
      response.setHeader('link', `<${path.split('?')[0]}?n=100&last=${page + 1}>; rel="next"`);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ name: NAME, tags }));
  });
}
