import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plannedImage } from '../support/planned/items.ts';
import { type Serving, startServing } from '../support/sites/serving.ts';
import {
  artifactSample,
  clientBytes,
  fileSample,
  hexOf,
  k3sFiles,
  k3sSample,
  kubectlSample,
  versionListSample,
} from '../support/samples/target-samples.ts';

const TAG = 'v1.30.6+k3s1';
const VERSIONS = ['v1.28.1+k3s1', TAG, 'v1.36.3+k3s1'];

let serving: Serving;
beforeAll(async () => {
  serving = await startServing({
    bundles: [
      [
        k3sSample(TAG),
        kubectlSample('1.30.6', 'linux/amd64'),
        kubectlSample('1.30.9', 'linux/amd64'),
        kubectlSample('1.31.2', 'windows/amd64'),
        versionListSample({
          cacheVersion: 2,
          versions: VERSIONS,
          channels: { stable: '1.36.3', 'v1.30': '1.30.6', odd: 3, gone: '1.0.0' },
        }),
        fileSample('tool +1.bin', { executable: true }),
      ],
      [k3sSample('v1.31.2+k3s1'), fileSample('second.txt'), plannedImage('docker.io/rancher/shell:v1')],
    ],
  });
});
afterAll(() => serving[Symbol.asyncDispose]());

async function textAt(path: string): Promise<string> {
  const response = await serving.get(path);
  expect({ path, status: response.status }).toEqual({ path, status: 200 });
  return await response.text();
}

async function jsonAt(path: string): Promise<unknown> {
  return JSON.parse(await textAt(path));
}

describe('the versions for Rancher Desktop', () => {
  const PATH = '/rancher-desktop/k3s-versions.json';

  it('are the file of the bundle, as JSON', async () => {
    const response = await serving.get(PATH);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'application/json; charset=utf-8',
    ]);
    expect(await response.json()).toMatchObject({ cacheVersion: 2, versions: VERSIONS });
  });

  it('are linked from the page, and named in the list for programs', async () => {
    const page = await serving.get('/', { headers: { accept: 'text/html' } });
    expect(await page.text()).toContain(`<a href="${PATH}">`);
    expect(await textAt('/')).toContain(`\n  ${PATH}\n`);
  });

  it.each(['/rancher-desktop', '/rancher-desktop/other.json', `${PATH}/more`])(
    'are at no other path (%s)',
    async (path) => {
      const response = await serving.get(path);
      await response.text();
      expect(response.status).toBe(404);
    },
  );

  it('are not there when no bundle has them', async () => {
    await using without = await startServing({ bundles: [[fileSample('a.txt')]] });
    const response = await without.get(PATH);
    await response.text();
    expect(response.status).toBe(404);
  });
});

describe('the downloads of K3s', () => {
  it.each(['v1.30.6+k3s1', 'v1.30.6%2Bk3s1'])('are there with the tag written %s', async (tag) => {
    for (const { name, bytes } of k3sFiles(TAG).filter((file) => file.name !== 'install.sh')) {
      const response = await serving.get(`/k3s-io/k3s/releases/download/${tag}/${name}`);
      expect(response.status).toBe(200);
      expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
    }
  });

  it('are reported without being sent, and continued', async () => {
    const path = `/k3s-io/k3s/releases/download/${TAG}/k3s`;
    const head = await serving.get(path, { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe('3000');
    const part = await serving.get(path, { headers: { range: 'bytes=2990-' } });
    expect(part.status).toBe(206);
    expect((await part.arrayBuffer()).byteLength).toBe(10);
  });

  it('have the install script where the repository has it', async () => {
    expect(await textAt(`/raw/k3s-io/k3s/${TAG}/install.sh`)).toBe(`#!/bin/sh\n# ${TAG}\n`);
  });

  it.each([
    `/k3s-io/k3s/releases/download/${TAG}/k3s-arm64`,
    '/k3s-io/k3s/releases/download/v9.9.9+k3s1/k3s',
    '/k3s-io/k3s/releases/download/v1.36.3+k3s1/k3s',
    `/k3s-io/k3s/releases/download/${TAG}`,
    `/k3s-io/rke2/releases/download/${TAG}/k3s`,
    `/raw/k3s-io/k3s/${TAG}/other.sh`,
    '/k3s-io/k3s/releases/tag/v9.9.9+k3s1',
    '/nothing',
  ])('say that there is no %s', async (path) => {
    const response = await serving.get(path);
    expect(response.status).toBe(404);
    expect(await response.text()).toMatch(/^Cannot find /);
  });
});

describe('the list of releases', () => {
  it('has what is served and what the list of versions names, newest first, as GitHub writes it', async () => {
    expect(await jsonAt('/repos/k3s-io/k3s/releases?per_page=100')).toMatchObject([
      { tag_name: 'v1.36.3+k3s1', draft: false, prerelease: false },
      { tag_name: 'v1.31.2+k3s1' },
      {
        tag_name: TAG,
        assets: expect.arrayContaining([
          {
            name: 'k3s',
            size: 3000,
            digest: `sha256:${hexOf(k3sFiles(TAG).find(({ name }) => name === 'k3s')?.bytes ?? Buffer.alloc(0))}`,
            browser_download_url: `${serving.url}/k3s-io/k3s/releases/download/v1.30.6%2Bk3s1/k3s`,
          },
        ]),
      },
      { tag_name: 'v1.28.1+k3s1' },
    ]);
  });

  it('comes in pages that lead to one another', async () => {
    const tags: unknown[] = [];
    let path: string | undefined = '/repos/k3s-io/k3s/releases?per_page=3';
    while (path !== undefined) {
      const response: Response = await serving.get(path);
      const page: unknown = await response.json();
      if (Array.isArray(page))
        tags.push(...page.map((release: unknown) => Reflect.get(Object(release), 'tag_name')));
      const next = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
      path = next?.replace(serving.url, '');
    }
    expect(tags).toEqual(['v1.36.3+k3s1', 'v1.31.2+k3s1', TAG, 'v1.28.1+k3s1']);
  });

  it.each(['per_page=0', 'per_page=-1', 'per_page=x&page=x', 'page=999999999999'])(
    'takes %s for nothing said',
    async (query) => {
      expect(await jsonAt(`/repos/k3s-io/k3s/releases?${query}`)).toHaveLength(4);
    },
  );
});

describe('the channels', () => {
  it('are those of the list of versions, in the form of the channel server', async () => {
    expect(await jsonAt('/v1-release/channels')).toEqual({
      type: 'collection',
      links: { self: `${serving.url}/v1-release/channels` },
      actions: {},
      resourceType: 'channels',
      data: [
        expect.objectContaining({ type: 'channel', name: 'stable', latest: 'v1.36.3+k3s1' }),
        expect.objectContaining({ name: 'v1.30', latest: TAG }),
      ],
    });
  });

  it('lead to their release, whose name is the last part of where one gets', async () => {
    const response = await serving.get('/v1-release/channels/v1.30');
    expect(response.status).toBe(302);
    const location = response.headers.get('location') ?? '';
    expect(location).toBe(`/k3s-io/k3s/releases/tag/${TAG}`);
    expect(await textAt(location)).toContain(TAG);
    expect((await serving.get('/v1-release/channels/none')).status).toBe(404);
  });

  it('are the releases that are served where there is no list', async () => {
    await using other = await startServing({
      bundles: [[k3sSample(TAG), k3sSample('v1.31.2+k3s1'), k3sSample('v1.32.0-rc1+k3s1')]],
    });
    const channels = await (await other.get('/v1-release/channels')).json();
    expect(channels).toMatchObject({
      data: [
        { name: 'stable', latest: 'v1.31.2+k3s1' },
        { name: 'latest', latest: 'v1.31.2+k3s1' },
        { name: 'v1.31', latest: 'v1.31.2+k3s1' },
        { name: 'v1.30', latest: TAG },
      ],
    });
  });
});

describe('the downloads of kubectl', () => {
  it('are there for each platform, with both sums as kuberlr reads them', async () => {
    const base = '/release/v1.30.6/bin/linux/amd64/kubectl';
    const bytes = clientBytes('1.30.6', 'linux/amd64');
    expect(await textAt(base)).toBe(bytes.toString());
    expect(await textAt(`${base}.sha256`)).toBe(hexOf(bytes));
    const sum = createHash('sha512').update(bytes).digest('hex');
    expect(await Promise.all([textAt(`${base}.sha512`), textAt(`${base}.sha512`)])).toEqual([sum, sum]);
    expect(await textAt('/release/v1.31.2/bin/windows/amd64/kubectl.exe')).toContain('1.31.2');
  });

  it('have the newest version of each line that is served', async () => {
    expect(await textAt('/release/stable.txt')).toBe('v1.31.2');
    expect(await textAt('/release/stable-1.30.txt')).toBe('v1.30.9');
  });

  it.each([
    '/release/v1.31.2/bin/windows/amd64/kubectl',
    '/release/v1.30.6/bin/linux/amd64/kubectl.exe.sha256',
    '/release/v1.30.6/bin/linux/arm64/kubectl',
    '/release/v1.30.6/bin/linux/amd64/kubelet',
    '/release/v1.30.6/bin/linux/amd64/kubectl.md5',
    '/release/stable-1.29.txt',
    '/release/v1.30.6',
  ])('say that there is no %s', async (path) => {
    expect((await serving.get(path)).status).toBe(404);
  });
});

describe('plain files, and several bundles', () => {
  it('are there by their names, from every bundle', async () => {
    expect(await textAt('/files/tool%20+1.bin')).toContain('content of');
    expect(await textAt('/files/second.txt')).toBe('content of second.txt\n');
    expect((await serving.get('/v2/rancher/shell/manifests/v1')).status).toBe(200);
    expect((await serving.get('/files/none')).status).toBe(404);
  });

  it.each([
    ['several', 'set', ['a.txt', 'b.txt'], ['/items/file/set/a.txt', '/items/file/set/b.txt']],
    ['a path', 'one', ['other/one.txt'], ['/items/file/one/other/one.txt']],
    ['in part', 'one', ['one/a', 'two/a'], ['/files/one/a', '/items/file/one/two/a']],
    ['of another item', 'tool', ['second/tool'], ['/items/file/tool/second/tool']],
    ['alike', 'a', ['a/b', 'b'], ['/files/a/b', '/items/file/a/b']],
    ['one plain name', 'one', ['+ü.txt'], ['/files/one']],
  ])(
    'are where the page says, though their titles are others than the item: %s',
    async (_, name, titles, paths) => {
      const files = titles.map((title) => ({ name: title, bytes: Buffer.from(`content of ${title}\n`) }));
      const item = artifactSample({ kind: 'file', name, audience: ['files'] }, files);
      await using other = await startServing({ bundles: [[item, fileSample('second')]] });
      const page = await (await other.get('/', { headers: { accept: 'text/html' } })).text();
      for (const [index, path] of paths.entries()) {
        expect(page).toContain(`href="${path}"`);
        expect(await (await other.get(path)).text()).toBe(`content of ${titles[index]}\n`);
      }
    },
  );

  it('are told of at the root', async () => {
    const text = await textAt('/');
    expect(text).toContain('/release/v1.30.6/bin/linux/amd64/kubectl');
    expect(text).toContain('docker.io/rancher/shell:v1');
    expect(text).toContain('/k3s-io/k3s/releases/download/v1.30.6%2Bk3s1/k3s');
  });
});
