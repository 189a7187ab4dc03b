import { randomUUID } from 'node:crypto';
import { collectBytes } from '../../../src/internal/bytes.ts';
import { isDigest } from '../../../src/oci/digest.ts';
import { decodeManifest, MANIFEST_LIMIT } from '../../../src/oci/manifest.ts';
import type { RegistryContent } from './content.ts';
import { type Exchange, receivedBody, reply, replyError } from './exchange.ts';
import type { Receiving } from './store.ts';

/** How the in-process registry takes uploads. */
export interface PushManners {
  /** Whether blobs of other repositories can be mounted; otherwise the request starts an upload (202). */
  readonly mounts: boolean;
  readonly locations: 'absolute' | 'relative';
  /** Whether a manifest is put on the list of its subject, and the answer says so. */
  readonly referrers: boolean;
  /** Whether a manifest is refused while its subject is missing. */
  readonly subjectsFirst: boolean;
  /** Bytes that a chunk has at least, unless it is the last: said in `OCI-Chunk-Min-Length`. */
  readonly leastChunk?: number | undefined;
  readonly origin: string;
}

/** Distribution specification, "Pushing blobs": `POST` starts a session, or mounts. */
export async function startUpload(
  exchange: Exchange,
  content: RegistryContent,
  name: string,
  manners: PushManners,
): Promise<void> {
  const mount = exchange.url.searchParams.get('mount');
  const from = content.find(exchange.url.searchParams.get('from') ?? '');
  if (mount !== null && manners.mounts && from?.blobs.has(mount) === true) {
    content.open(name).blobs.add(mount);
    const headers = { location: `/v2/${name}/blobs/${mount}`, 'docker-content-digest': mount };
    return reply(exchange, 201, headers);
  }
  const id = randomUUID();
  const upload = await content.store.receive(id);
  content.open(name).uploads.set(id, upload);
  await replyProgress(exchange, 202, { name, id, upload, manners });
}

/** `PATCH`, `PUT`, `GET` and `DELETE` of an upload session. A `_state` that is not the latest is refused, as in Docker's registry. */
export async function continueUpload(
  exchange: Exchange,
  content: RegistryContent,
  session: { readonly name: string; readonly id: string; readonly manners: PushManners },
): Promise<void> {
  const { name, id, manners } = session;
  const repository = content.open(name);
  const upload = repository.uploads.get(id);
  if (upload === undefined) return replyError(exchange, 404, { code: 'BLOB_UPLOAD_UNKNOWN' });
  if (exchange.request.method === 'GET') return replyProgress(exchange, 204, { name, id, upload, manners });
  if (exchange.request.method === 'DELETE') {
    repository.uploads.delete(id);
    await upload.cancel();
    return reply(exchange, 204);
  }
  const [, start, end] = /^(\d+)-(\d+)$/.exec(exchange.request.headers['content-range'] ?? '') ?? [];
  if (start !== undefined && Number(start) !== upload.size)
    return replyError(exchange, 416, { code: 'RANGE_INVALID' });
  const length = Number(exchange.request.headers['content-length'] ?? 0);
  if (start !== undefined && Number(end) + 1 - Number(start) !== length)
    return replyError(exchange, 400, { code: 'SIZE_INVALID' });
  if (Number(exchange.url.searchParams.get('_state')) !== upload.size)
    return replyError(exchange, 400, { code: 'BLOB_UPLOAD_INVALID' });
  if (!(await receive(exchange, upload))) return;
  if (exchange.request.method === 'PATCH') return replyProgress(exchange, 202, { name, id, upload, manners });
  const digest = exchange.url.searchParams.get('digest') ?? '';
  repository.uploads.delete(id);
  if (!isDigest(digest) || !(await upload.finish(digest)))
    return replyError(exchange, 400, { code: 'DIGEST_INVALID' });
  repository.blobs.add(digest);
  const location = `/v2/${name}/blobs/${digest}`;
  await reply(exchange, 201, { location, 'docker-content-digest': digest });
}

/** Distribution specification, "Pushing Manifests": refused while a child is missing. */
export async function putManifest(
  exchange: Exchange,
  content: RegistryContent,
  {
    name,
    reference,
    manners,
  }: { readonly name: string; readonly reference: string; readonly manners: PushManners },
): Promise<void> {
  const bytes = await collectBytes(receivedBody(exchange), {
    limit: MANIFEST_LIMIT,
    onExcess: () => new Error('Cannot take manifest: it is too large'),
  });
  const mediaType = exchange.request.headers['content-type'] ?? '';
  const early = manners.subjectsFirst ? decodeManifest(bytes, mediaType).subject?.digest : undefined;
  if (early !== undefined && content.manifest(name, early) === undefined)
    return replyError(exchange, 400, { code: 'MANIFEST_BLOB_UNKNOWN', detail: early });
  const outcome = await content.putManifest(name, reference, { bytes, mediaType });
  if (typeof outcome !== 'string') return replyError(exchange, 400, outcome);
  const location = `/v2/${name}/manifests/${outcome}`;
  const { subject } = decodeManifest(bytes, mediaType);
  const listed = manners.referrers ? { 'oci-subject': subject?.digest } : {};
  await reply(exchange, 201, { location, 'docker-content-digest': outcome, ...listed });
}

/** Returns whether the whole body came. What came of a broken one stays, as it does in Docker's registry. */
async function receive(exchange: Exchange, upload: Receiving): Promise<boolean> {
  try {
    for await (const chunk of receivedBody(exchange)) await upload.append(chunk);
  } catch {
    return false;
  }
  return exchange.fault?.type !== 'drop-upload';
}

async function replyProgress(
  exchange: Exchange,
  status: number,
  session: {
    readonly name: string;
    readonly id: string;
    readonly upload: Receiving;
    readonly manners: PushManners;
  },
): Promise<void> {
  const { name, id, upload, manners } = session;
  const path = `/v2/${name}/blobs/uploads/${id}?_state=${upload.size}`;
  await reply(exchange, status, {
    location: manners.locations === 'absolute' ? `${manners.origin}${path}` : path,
    range: `0-${Math.max(0, upload.size - 1)}`,
    'docker-upload-uuid': id,
    'oci-chunk-min-length': manners.leastChunk,
  });
}
