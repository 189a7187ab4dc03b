import { collectBytes } from '../../../src/internal/bytes.ts';
import { isDigest } from '../../../src/oci/digest.ts';
import { decodeManifest, MANIFEST_LIMIT, successorsOf } from '../../../src/oci/manifest.ts';
import { isIndexType, isManifestType } from '../../../src/oci/media-type.ts';
import type { RepositoryContent } from './content.ts';
import { type Exchange, receivedBody, reply, replyError } from './exchange.ts';
import { pullBlob } from './pull.ts';
import { type InProcessRegistry, type InProcessRegistryOptions, startRegistry } from './registry.ts';

/** A fake of zot (project-zot, v2), where it is not like Docker's registry. */
export interface FakeZot extends InProcessRegistry {
  /** Lets hours pass, and collects garbage as its configuration says when none is given. */
  pass(hours: number): Promise<void>;
  /** Applies a retention policy: tags that do not match go, and what they named stays until it is collected. */
  retain(tags: RegExp): void;
}

/** `storage.gcDelay`: blobs that no manifest names live this long (hours). */
const BLOB_DELAY = 1;
/** `storage.retention.delay`: manifests that have no tag, and are in no index, live this long (hours). */
const MANIFEST_DELAY = 24;

/**
 * Starts one. As its source has it: a blob of any repository is linked into the one that is asked for it, by `HEAD` as by a
 * mount, whatever `from` says (`CheckBlob`); a manifest that lacks a part is `MANIFEST_INVALID`, whatever is missing
 * (`ValidateManifest`); a part of a blob comes without its digest; garbage is collected while it runs (`pkg/storage/gc`).
 */
export async function startZot(options: Pick<InProcessRegistryOptions, 'intercept'> = {}): Promise<FakeZot> {
  let now = 0;
  const born = new Map<string, number>();

  async function intercept(exchange: Exchange): Promise<boolean> {
    if ((await options.intercept?.(exchange)) === true) return true;
    const { request, url } = exchange;
    const [, name = '', kind, id = ''] = /^\/v2\/(.+?)\/(manifests|blobs)\/([^/]*)$/.exec(url.pathname) ?? [];
    if (kind === 'blobs' && request.method === 'HEAD') link(name, id);
    if (request.method === 'POST') return await mount(exchange);
    if (kind === 'blobs' && request.method === 'GET' && request.headers.range !== undefined) {
      const fault = exchange.fault ?? { type: 'digest', digest: undefined };
      await pullBlob({ ...exchange, fault }, registry.content, name, id);
      return true;
    }
    if (kind === 'manifests' && request.method === 'PUT') return await takeManifest(exchange, name, id);
    return false;
  }

  /** Returns whether the repository has the blob now. */
  function link(name: string, digest: string): boolean {
    const isKnown = [...registry.content.repositories.values()].some(({ blobs }) => blobs.has(digest));
    if (isKnown) registry.content.open(name).blobs.add(digest);
    return isKnown;
  }

  async function mount(exchange: Exchange): Promise<boolean> {
    const [, name = ''] = /^\/v2\/(.+)\/blobs\/uploads\/$/.exec(exchange.url.pathname) ?? [];
    const digest = exchange.url.searchParams.get('mount');
    if (digest === null || !link(name, digest)) return false;
    await reply(exchange, 201, { location: `/v2/${name}/blobs/${digest}` });
    return true;
  }

  async function takeManifest(exchange: Exchange, name: string, reference: string): Promise<boolean> {
    const mediaType = exchange.request.headers['content-type'] ?? '';
    if (!isManifestType(mediaType)) {
      await replyError(exchange, 415, { code: 'MANIFEST_INVALID' });
      return true;
    }
    const onExcess = (): Error => new Error('Cannot take manifest: it is too large');
    const bytes = await collectBytes(receivedBody(exchange), { limit: MANIFEST_LIMIT, onExcess });
    const outcome = await registry.content.putManifest(name, reference, { bytes, mediaType });
    if (typeof outcome === 'string') {
      const { subject } = decodeManifest(bytes, mediaType);
      await reply(exchange, 201, { 'docker-content-digest': outcome, 'oci-subject': subject?.digest });
    } else await replyError(exchange, 400, { code: 'MANIFEST_INVALID', message: 'manifest invalid' });
    return true;
  }

  const isOld = (digest: string, delay: number): boolean => now - (born.get(digest) ?? now) > delay;

  async function collect(repository: RepositoryContent): Promise<void> {
    const childrenOf = async (digest: string): Promise<readonly string[]> => {
      const mediaType = repository.manifests.get(digest);
      if (mediaType === undefined || !isDigest(digest)) return [];
      const document = decodeManifest(await registry.content.bytes(digest), mediaType);
      return successorsOf(document).map((child) => child.digest);
    };
    const indexes = [...repository.manifests].filter(([, mediaType]) => isIndexType(mediaType));
    const named = (await Promise.all(indexes.map(([digest]) => childrenOf(digest)))).flat();
    const kept = new Set<string>([...named, ...repository.tags.values()]);
    for (const digest of repository.manifests.keys())
      if (!kept.has(digest) && isOld(digest, MANIFEST_DELAY)) repository.manifests.delete(digest);
    const needed = new Set((await Promise.all([...repository.manifests.keys()].map(childrenOf))).flat());
    for (const digest of repository.blobs)
      if (!needed.has(digest) && isOld(digest, BLOB_DELAY)) repository.blobs.delete(digest);
  }

  const registry = await startRegistry({ intercept, referrers: true });
  return {
    ...registry,
    pass: async (hours) => {
      const repositories = [...registry.content.repositories.values()];
      for (const { blobs, manifests } of repositories)
        for (const digest of [...blobs, ...manifests.keys()]) born.set(digest, born.get(digest) ?? now);
      now += hours;
      for (const repository of repositories) await collect(repository);
    },
    retain: (tags) => {
      for (const repository of registry.content.repositories.values())
        for (const tag of repository.tags.keys()) if (!tags.test(tag)) repository.tags.delete(tag);
    },
  };
}
