import { afterAll, describe, expect, it, type TestContext } from 'vitest';
import { collectBytes, streamOf } from '../../src/internal/bytes.ts';
import { Gate } from '../../src/internal/gate.ts';
import type { HttpClient, TlsSettings } from '../../src/internal/http/http.ts';
import { createHttpClient } from '../../src/internal/http/client.ts';
import { copyGraph, type CopyEvent } from '../../src/oci/copy.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { Ledger } from '../../src/oci/ledger.ts';
import { MEDIA_TYPE } from '../../src/oci/media-type.ts';
import type { Fetcher, Registry } from '../../src/oci/roles.ts';
import { type RegistryClient, createRegistryClient } from '../../src/registry/client.ts';
import type { Credential } from '../../src/registry/credentials/credential.ts';
import { sampleFetcher } from '../support/samples/sample-fetcher.ts';
import { incompressibleBytes, sampleImage } from '../support/samples/sample-image.ts';
import { referrerOf } from '../support/samples/signed-image.ts';

/** A registry that the contract holds for. */
export interface RegistryUnderTest extends AsyncDisposable {
  readonly host: string;
  readonly credential?: Credential;
  /** What it answers for a manifest that lacks a part; `MANIFEST_BLOB_UNKNOWN` when left out. */
  readonly absence?: string;
  /** Whether a blob of one repository is in all of them as soon as they are asked for it, as in zot. */
  readonly sharesBlobs?: boolean;
  readonly tls?: (origin: string) => TlsSettings | undefined;
}

/** The contract of `createRegistryClient` with any registry, whatever it is made of. `start` may skip the test. */
export function describeRegistry(
  name: string,
  start: (context: TestContext) => Promise<RegistryUnderTest>,
): void {
  describe(`${name}, as a registry`, () => {
    let opened: Opened | undefined;
    const open = async (context: TestContext): Promise<Opened> =>
      (opened ??= await openRegistry(start, context));
    afterAll(async () => {
      await opened?.[Symbol.asyncDispose]();
    });

    it('answers a ping', async (context) => {
      const { registry } = await open(context);
      await expect(registry.ping()).resolves.toBeUndefined();
    });

    it('takes an index with its images and gives back the very same bytes', async (context) => {
      const { registry } = await open(context);
      const image = sampleImage({ platforms: ['linux/amd64', 'linux/arm64'], layerBytes: 200_000 });
      const repository = registry.repository('contract/index');
      const from = sampleFetcher(image);
      await copyGraph(image.root, { from, to: repository });
      await repository.tag(image.root, from, 'v1');

      expect(await repository.resolve('v1')).toEqual(image.root);
      expect(await repository.resolve(image.root.digest)).toEqual(image.root);
      for (const { descriptor, bytes } of [...image.blobs, ...image.manifests])
        expect(digestOf(await bytesOf(repository, descriptor))).toBe(digestOf(bytes));
    });

    it('takes a Docker image as it is', async (context) => {
      const { registry } = await open(context);
      const image = sampleImage({ name: 'docker', format: 'docker' });
      const repository = registry.repository('contract/docker');
      await copyGraph(image.root, { from: sampleFetcher(image), to: repository });
      await repository.tag(image.root, sampleFetcher(image), 'v1');
      expect(await repository.resolve('v1')).toMatchObject({
        mediaType: MEDIA_TYPE.dockerManifest,
        digest: image.root.digest,
      });
    });

    it('gives a blob from any offset on', async (context) => {
      const { registry } = await open(context);
      const bytes = Buffer.from('0123456789'.repeat(1000));
      const blob = { mediaType: MEDIA_TYPE.octetStream, digest: digestOf(bytes), size: bytes.length };
      const repository = registry.repository('contract/offset');
      await repository.push(blob, { fetch: () => streamOf(bytes) });
      expect(Buffer.from(await bytesOf(repository, blob, 9995)).toString()).toBe('56789');
      expect(await bytesOf(repository, blob, 10_000)).toHaveLength(0);
    });

    it('takes a blob that is large enough to be streamed', async (context) => {
      const { registry } = await open(context);
      const bytes = incompressibleBytes('streamed', 34 * 1024 * 1024);
      const blob = { mediaType: MEDIA_TYPE.octetStream, digest: digestOf(bytes), size: bytes.length };
      const repository = registry.repository('contract/large');
      await repository.push(blob, { fetch: () => streamOf(bytes) });
      expect(digestOf(await bytesOf(repository, blob))).toBe(blob.digest);
    });

    it('takes what refers to an image, and lists it beside it', async (context) => {
      const { registry } = await open(context);
      const repository = registry.repository('contract/referred');
      const image = sampleImage({ name: 'referred' });
      const bill = referrerOf(image, 'bill');
      for (const each of [image, bill])
        await copyGraph(each.root, { from: sampleFetcher(each), to: repository });
      const found = (await repository.attachments?.(image.root.digest)) ?? [];
      expect(found.map(({ descriptor }) => descriptor.digest)).toEqual([bill.root.digest]);
    });

    it('lets a probe leave nothing behind', async (context) => {
      const { registry } = await open(context);
      const repository = registry.repository('contract/probed');
      await repository.probe?.();
      expect(await repository.resolve('v1')).toBeUndefined();
    });

    it('takes an empty blob', async (context) => {
      const { registry } = await open(context);
      const blob = { mediaType: MEDIA_TYPE.octetStream, digest: digestOf(''), size: 0 };
      const repository = registry.repository('contract/empty');
      await repository.push(blob, { fetch: () => streamOf(new Uint8Array()) });
      expect(await repository.has(blob)).toBe(true);
    });

    it('says that it does not have what it does not have', async (context) => {
      const { registry } = await open(context);
      const repository = registry.repository('contract/nothing');
      const blob = { mediaType: MEDIA_TYPE.octetStream, digest: digestOf('nothing'), size: 7 };
      const manifest = { ...blob, mediaType: MEDIA_TYPE.ociManifest };
      expect(await repository.resolve('v1')).toBeUndefined();
      expect(await repository.has(blob)).toBe(false);
      expect(await repository.has(manifest)).toBe(false);
      await expect(bytesOf(repository, blob)).rejects.toMatchObject({ code: 'ERR_UPSTREAM_NOT_FOUND' });
      await expect(bytesOf(repository, manifest)).rejects.toMatchObject({ code: 'ERR_UPSTREAM_NOT_FOUND' });
    });

    it('mounts a blob from a repository beside it, and only from one that has it', async (context) => {
      const { registry, sharesBlobs } = await open(context);
      const bytes = Buffer.from('to be mounted');
      const blob = { mediaType: MEDIA_TYPE.octetStream, digest: digestOf(bytes), size: bytes.length };
      await registry.repository('contract/mount-from').push(blob, { fetch: () => streamOf(bytes) });
      const target = registry.repository('contract/mount-to');
      expect(await target.mount(blob, 'contract/mount-none')).toBe(sharesBlobs);
      expect(await target.has(blob)).toBe(sharesBlobs);
      expect(await target.mount(blob, 'contract/mount-from')).toBe(true);
      expect(await target.has(blob)).toBe(true);
    });

    it('sends nothing when everything is there', async (context) => {
      const { registry } = await open(context);
      const image = sampleImage({ name: 'twice' });
      const to = registry.repository('contract/twice');
      await copyGraph(image.root, { from: sampleFetcher(image), to });
      const events: CopyEvent[] = [];
      await copyGraph(image.root, { from: sampleFetcher(image), to, onEvent: (event) => events.push(event) });
      expect(events).toEqual([{ type: 'present', target: image.root }]);
    });

    it('refuses a manifest whose children are missing, in its own words', async (context) => {
      const { registry, absence } = await open(context);
      const image = sampleImage({ name: 'childless' });
      const repository = registry.repository('contract/childless');
      await expect(repository.push(image.root, sampleFetcher(image))).rejects.toMatchObject({
        code: 'ERR_REGISTRY_FAILED',
        status: 400,
        registryCodes: expect.arrayContaining([absence]),
      });
    });

    it('never stores content that is not what its descriptor says', async (context) => {
      const { registry } = await open(context);
      const repository = registry.repository('contract/wrong');
      const blob = { mediaType: MEDIA_TYPE.octetStream, digest: digestOf('right'), size: 5 };
      await expect(
        repository.push(blob, { fetch: () => streamOf(Buffer.from('wrong')) }),
      ).rejects.toMatchObject({ code: 'ERR_DIGEST_MISMATCH' });
      await expect(
        repository.push(blob, { fetch: () => streamOf(Buffer.from('short'.slice(1))) }),
      ).rejects.toMatchObject({
        code: 'ERR_SIZE_MISMATCH',
      });
      expect(await repository.has(blob)).toBe(false);
    });

    it('sends a blob once that several copies bring at the same time', async (context) => {
      const { registry } = await open(context);
      const images = ['one', 'two', 'three'].map((each) =>
        sampleImage({ name: each, sharedLayers: ['base'] }),
      );
      const events: CopyEvent[] = [];
      const to = registry.repository('contract/shared');
      const shared = { gate: new Gate(3), ledger: new Ledger(), repository: 'contract/shared' };
      await Promise.all(
        images.map((image) =>
          copyGraph(image.root, {
            from: sampleFetcher(image),
            to,
            ...shared,
            onEvent: (event) => events.push(event),
          }),
        ),
      );
      const base = images[0]?.blobs[1]?.descriptor.digest;
      expect(events.filter(({ target }) => target.digest === base)).toHaveLength(1);
    });
  });
}

interface Opened extends AsyncDisposable, Required<Pick<RegistryUnderTest, 'absence' | 'sharesBlobs'>> {
  readonly registry: Registry;
}

async function openRegistry(
  start: (context: TestContext) => Promise<RegistryUnderTest>,
  context: TestContext,
): Promise<Opened> {
  const server = await start(context);
  const { credential, host, tls, absence = 'MANIFEST_BLOB_UNKNOWN', sharesBlobs = false } = server;
  const http: HttpClient = createHttpClient(tls === undefined ? {} : { tls });
  const client: RegistryClient = createRegistryClient({
    http,
    credentials: { find: async (asked) => (asked === host ? credential : undefined) },
  });
  return {
    registry: client.open(host),
    absence,
    sharesBlobs,
    [Symbol.asyncDispose]: async () => {
      await http[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function bytesOf(
  source: Fetcher,
  target: Parameters<Fetcher['fetch']>[0],
  offset = 0,
): Promise<Uint8Array> {
  const onExcess = (): Error => new Error('Cannot read content: it is too long');
  return collectBytes(source.fetch(target, { offset }), { limit: 64 * 1024 * 1024, onExcess });
}
