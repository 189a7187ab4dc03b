import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../src/oci/media-type.ts';
import { plannedImage } from '../support/planned/items.ts';
import { type Serving, startServing } from '../support/sites/serving.ts';

const single = plannedImage('docker.io/rancher/rancher:v2.9.2', {
  sharedLayers: ['base'],
  layerBytes: 400_000,
});
const second = plannedImage('docker.io/rancher/rancher:v2.9.3');
const docker = plannedImage('docker.io/library/old:1', { format: 'docker' });
const index = plannedImage('quay.io/jetstack/multi:v1', { platforms: ['linux/amd64', 'linux/arm64'] });
const UNKNOWN = digestOf('nothing that is served');
const NAME = '/v2/rancher/rancher';

let serving: Serving;
beforeAll(async () => {
  serving = await startServing({ bundles: [[single, second, docker, index]] });
});
afterAll(() => serving[Symbol.asyncDispose]());

const { descriptor } = single.planned.item;
const layer = single.contents.find(({ bytes }) => bytes.length > 300_000) ?? fail();

function fail(): never {
  throw new Error('the sample has no large layer');
}

/** The codes in an error body of the specification. */
async function codesOf(response: Response): Promise<unknown> {
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  return await response.json();
}

const errorOf = (code: string): object => ({ errors: [{ code, message: expect.any(String) }] });

describe('end-1: determining support', () => {
  it('GET /v2/ is answered 200, with the version of the API', async () => {
    for (const path of ['/v2/', '/v2']) {
      const response = await serving.get(path);
      expect(response.status).toBe(200);
      expect(response.headers.get('docker-distribution-api-version')).toBe('registry/2.0');
      expect(await response.json()).toEqual({});
    }
  });
});

describe('end-3: pulling manifests', () => {
  it.each([
    ['a tag', 'v2.9.2'],
    ['a digest', descriptor.digest],
  ])('GET by %s returns the very bytes with their type and digest', async (_, reference) => {
    const response = await serving.get(`${NAME}/manifests/${reference}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(MEDIA_TYPE.ociManifest);
    expect(response.headers.get('docker-content-digest')).toBe(descriptor.digest);
    expect(digestOf(new Uint8Array(await response.arrayBuffer()))).toBe(descriptor.digest);
  });

  it('HEAD says the same and sends no body', async () => {
    const response = await serving.get(`${NAME}/manifests/v2.9.2`, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe(String(descriptor.size));
    expect(response.headers.get('docker-content-digest')).toBe(descriptor.digest);
    expect(await response.text()).toBe('');
  });

  it.each([
    ['of Docker', '/v2/library/old', '1', MEDIA_TYPE.dockerManifest],
    ['of an index', '/v2/quay.io/jetstack/multi', 'v1', MEDIA_TYPE.ociIndex],
  ])('the media type is that %s, whatever the client accepts', async (_, name, tag, type) => {
    const response = await serving.get(`${name}/manifests/${tag}`, { headers: { accept: 'text/html' } });
    expect(response.headers.get('content-type')).toBe(type);
    await response.arrayBuffer();
  });

  it('a child of an index is there by its digest', async () => {
    const children = index.contents.filter(
      (content) => content.descriptor.mediaType === MEDIA_TYPE.ociManifest,
    );
    expect(children).toHaveLength(2);
    for (const child of children) {
      const response = await serving.get(`/v2/quay.io/jetstack/multi/manifests/${child.descriptor.digest}`);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe(MEDIA_TYPE.ociManifest);
    }
  });

  it.each([
    ['a tag that is not there', `${NAME}/manifests/v0`, 404, 'MANIFEST_UNKNOWN'],
    ['a digest that is not there', `${NAME}/manifests/${UNKNOWN}`, 404, 'MANIFEST_UNKNOWN'],
    ['a blob that is no manifest', `${NAME}/manifests/${layer.descriptor.digest}`, 404, 'MANIFEST_UNKNOWN'],
    ['a repository that is not there', '/v2/no/such/manifests/v1', 404, 'NAME_UNKNOWN'],
  ])('%s is answered with the right error', async (_, path, status, code) => {
    expect((await serving.get(path, { method: 'HEAD' })).status).toBe(status);
    const response = await serving.get(path);
    expect(response.status).toBe(status);
    expect(await codesOf(response)).toEqual(errorOf(code));
  });

  it('If-None-Match with its tag is answered 304', async () => {
    const first = await serving.get(`${NAME}/manifests/v2.9.2`);
    await first.arrayBuffer();
    const etag = first.headers.get('etag') ?? '';
    const again = await serving.get(`${NAME}/manifests/v2.9.2`, { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
    const other = await serving.get(`${NAME}/manifests/v2.9.3`, { headers: { 'if-none-match': etag } });
    expect(other.status).toBe(200);
    await other.arrayBuffer();
  });
});

describe('end-2: pulling blobs', () => {
  const path = `${NAME}/blobs/${layer.descriptor.digest}`;

  it('GET returns every blob of every image, byte for byte', async () => {
    for (const { descriptor: blob } of [...single.contents, ...docker.contents, ...index.contents]) {
      const response = await serving.get(`${NAME}/blobs/${blob.digest}`);
      expect(response.status).toBe(200);
      expect(response.headers.get('docker-content-digest')).toBe(blob.digest);
      expect(digestOf(new Uint8Array(await response.arrayBuffer()))).toBe(blob.digest);
    }
  });

  it('HEAD tells the size and that ranges are had', async () => {
    const response = await serving.get(path, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe(String(layer.bytes.length));
    expect(response.headers.get('accept-ranges')).toBe('bytes');
    expect(await response.text()).toBe('');
  });

  it('a blob that is not there is BLOB_UNKNOWN', async () => {
    const response = await serving.get(`${NAME}/blobs/${UNKNOWN}`);
    expect(response.status).toBe(404);
    expect(await codesOf(response)).toEqual(errorOf('BLOB_UNKNOWN'));
  });

  const size = layer.bytes.length;
  it.each([
    ['bytes=0-9', 0, 9],
    ['bytes=10-', 10, size - 1],
    ['bytes=-7', size - 7, size - 1],
    [`bytes=300000-${size + 1000}`, 300_000, size - 1],
    [`bytes=-${size + 5}`, 0, size - 1],
    [`bytes=${size - 1}-${size - 1}`, size - 1, size - 1],
  ])('%s is answered 206 with just that', async (range, first, last) => {
    const response = await serving.get(path, { headers: { range } });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes ${first}-${last}/${size}`);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(bytes.equals(layer.bytes.subarray(first, last + 1))).toBe(true);
  });

  it.each([`bytes=${size}-`, `bytes=${size + 1}-${size + 2}`, 'bytes=-0', 'bytes=999999999999999-'])(
    '%s is answered 416 with the size',
    async (range) => {
      const response = await serving.get(path, { headers: { range } });
      expect(response.status).toBe(416);
      expect(response.headers.get('content-range')).toBe(`bytes */${size}`);
      expect(await codesOf(response)).toEqual(errorOf('RANGE_INVALID'));
    },
  );

  it.each([
    'bytes=5-4',
    'bytes=a-b',
    'bytes=-',
    'lines=1-2',
    'bytes=0-1,1-2',
    `bytes=${'0-,'.repeat(500)}0-`,
    'bytes=0-99999999999999999999',
  ])('%s says nothing sensible, and the whole is the answer', async (range) => {
    const response = await serving.get(path, { headers: { range } });
    expect(response.status).toBe(200);
    expect((await response.arrayBuffer()).byteLength).toBe(size);
  });

  it('If-None-Match is answered 304, and If-Range of other content with the whole', async () => {
    const etag = `"${layer.descriptor.digest}"`;
    const known = await serving.get(path, { headers: { 'if-none-match': `"x", W/${etag}` } });
    expect(known.status).toBe(304);
    const same = await serving.get(path, { headers: { range: 'bytes=1-2', 'if-range': etag } });
    expect(same.status).toBe(206);
    await same.arrayBuffer();
    const other = await serving.get(path, { headers: { range: 'bytes=1-2', 'if-range': '"other"' } });
    expect(other.status).toBe(200);
    await other.arrayBuffer();
  });
});

describe('end-8: listing tags', () => {
  it('GET lists them in order, and a page at a time', async () => {
    const all = await serving.get(`${NAME}/tags/list`);
    expect(await all.json()).toEqual({ name: 'rancher/rancher', tags: ['v2.9.2', 'v2.9.3'] });
    expect(all.headers.get('link')).toBeNull();
    const first = await serving.get(`${NAME}/tags/list?n=1`);
    expect(await first.json()).toEqual({ name: 'rancher/rancher', tags: ['v2.9.2'] });
    const link = /^<([^>]+)>; rel="next"$/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const next = await serving.get(link);
    expect(await next.json()).toEqual({ name: 'rancher/rancher', tags: ['v2.9.3'] });
    expect(next.headers.get('link')).toBeNull();
  });

  it('n=0 is an empty list, and an invalid n is an error', async () => {
    const none = await serving.get(`${NAME}/tags/list?n=0`);
    expect(await none.json()).toEqual({ name: 'rancher/rancher', tags: [] });
    const wrong = await serving.get(`${NAME}/tags/list?n=-1`);
    expect(wrong.status).toBe(400);
    expect(await codesOf(wrong)).toEqual(errorOf('PAGINATION_NUMBER_INVALID'));
  });

  it('of a repository that is not there is NAME_UNKNOWN', async () => {
    const response = await serving.get('/v2/no/such/tags/list');
    expect(response.status).toBe(404);
    expect(await codesOf(response)).toEqual(errorOf('NAME_UNKNOWN'));
  });

  it('the catalog lists every repository, and a page at a time', async () => {
    const repositories = ['library/old', 'quay.io/jetstack/multi', 'rancher/rancher'];
    expect(await (await serving.get('/v2/_catalog')).json()).toEqual({ repositories });
    const page = await serving.get('/v2/_catalog?n=2');
    expect(await page.json()).toEqual({ repositories: repositories.slice(0, 2) });
    expect(page.headers.get('link')).toBe('</v2/_catalog?n=2&last=quay.io%2Fjetstack%2Fmulti>; rel="next"');
  });
});

describe('end-4 to end-7, end-9, end-10, end-11: writing', () => {
  it.each([
    ['POST', `${NAME}/blobs/uploads/`],
    ['PATCH', `${NAME}/blobs/uploads/1`],
    ['PUT', `${NAME}/blobs/uploads/1?digest=${UNKNOWN}`],
    ['PUT', `${NAME}/manifests/v1`],
    ['DELETE', `${NAME}/manifests/v2.9.2`],
    ['DELETE', `${NAME}/blobs/${UNKNOWN}`],
    ['POST', '/'],
  ])('%s %s is answered 405 with UNSUPPORTED', async (method, path) => {
    const response = await serving.get(path, {
      method,
      ...(method === 'PUT' ? { body: 'x'.repeat(100_000) } : {}),
    });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD');
    expect(await codesOf(response)).toEqual(errorOf('UNSUPPORTED'));
  });
});
