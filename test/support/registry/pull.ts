import { isDigest } from '../../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';
import type { RegistryContent } from './content.ts';
import { type Exchange, reply, replyError } from './exchange.ts';

/** Distribution specification, "Pulling manifests". Content of a type that was not asked for is as good as absent. */
export async function pullManifest(
  exchange: Exchange,
  content: RegistryContent,
  name: string,
  reference: string,
): Promise<void> {
  const found = content.manifest(name, reference);
  const accepted = exchange.request.headers.accept ?? '';
  const isHidden =
    found?.mediaType.startsWith('application/vnd.oci') === true && !accepted.includes(found.mediaType);
  if (found === undefined || isHidden) {
    const code = content.find(name) === undefined ? 'NAME_UNKNOWN' : 'MANIFEST_UNKNOWN';
    return replyError(exchange, 404, { code, detail: { reference } });
  }
  const bytes = await content.bytes(found.digest);
  const headers = {
    'content-type': found.mediaType,
    'content-length': bytes.length,
    'docker-content-digest': found.digest,
  };
  await reply(exchange, 200, headers, bytes);
}

/** Distribution specification, "Pulling blobs", with ranges. */
export async function pullBlob(
  exchange: Exchange,
  content: RegistryContent,
  name: string,
  digest: string,
): Promise<void> {
  const size = isDigest(digest) ? await content.store.sizeOf(digest) : undefined;
  if (!isDigest(digest) || size === undefined || content.find(name)?.blobs.has(digest) !== true)
    return replyError(exchange, 404, { code: 'BLOB_UNKNOWN', detail: { digest } });
  const range = exchange.fault?.type === 'ignore-range' ? undefined : exchange.request.headers.range;
  const start = Number(/^bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0);
  if (range !== undefined && start >= size)
    return replyError(exchange, 416, { code: 'RANGE_INVALID' }, { 'content-range': `bytes */${size}` });
  const headers = {
    'content-type': MEDIA_TYPE.octetStream,
    'content-length': size - start,
    'docker-content-digest': digest,
    'accept-ranges': 'bytes',
    etag: `"${digest}"`,
    ...(range === undefined ? {} : { 'content-range': `bytes ${start}-${size - 1}/${size}` }),
  };
  await reply(exchange, range === undefined ? 200 : 206, headers, content.store.read(digest, start, size));
}

/** Distribution specification, "Listing Tags", paged by `n` and `last`. */
export async function listTags(exchange: Exchange, content: RegistryContent, name: string): Promise<void> {
  const repository = content.find(name);
  if (repository === undefined) return replyError(exchange, 404, { code: 'NAME_UNKNOWN' });
  const last = exchange.url.searchParams.get('last') ?? '';
  const limit = Number(exchange.url.searchParams.get('n') ?? Infinity);
  const rest = [...repository.tags.keys()].sort().filter((tag) => tag > last);
  const page = rest.slice(0, limit);
  const next =
    page.length < rest.length
      ? `</v2/${name}/tags/list?n=${limit}&last=${page.at(-1)}>; rel="next"`
      : undefined;
  const body = Buffer.from(JSON.stringify({ name, tags: page }));
  await reply(exchange, 200, { 'content-type': 'application/json', link: next }, body);
}

/** Distribution specification, "Listing Referrers", in pages of `pageSize`. */
export async function listReferrers(
  exchange: Exchange,
  content: RegistryContent,
  at: { readonly name: string; readonly subject: string; readonly pageSize: number },
): Promise<void> {
  const mediaType = MEDIA_TYPE.ociIndex;
  const { name, subject, pageSize } = at;
  const all = await content.referrers(name, subject);
  const start = Number(exchange.url.searchParams.get('start') ?? 0);
  const end = start + pageSize;
  const manifests = all.slice(start, end);
  const link = end < all.length ? `</v2/${name}/referrers/${subject}?start=${end}>; rel="next"` : undefined;
  const body = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
  await reply(exchange, 200, { 'content-type': mediaType, link }, body);
}
