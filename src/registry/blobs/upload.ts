import { NetworkError } from '../../internal/http/network-error.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Fetcher, WaitOptions } from '../../oci/roles.ts';
import type { Ask } from '../auth/authorizer.ts';
import { pushScope } from '../auth/scope.ts';
import { describeContent, type Place } from '../content-name.ts';
import { isThere } from '../presence.ts';
import { RegistryError } from '../session/registry-error.ts';
import type { Session } from '../session/session.ts';
import { sendChunks } from './send/chunks.ts';
import { sendStream } from './send/stream.ts';
import type { Progress, Upload } from './send/upload.ts';
import { sendWhole } from './send/whole.ts';
import { UploadTries } from './tries.ts';
import { findUpload, type UploadPoint } from './upload-session.ts';
import { Ways } from './ways.ts';

/**
 * Sends a blob; its size is checked on the way, its digest by the registry. A small blob goes in one request, any other as one
 * stream that resumes where it broke, if the registry still knows where that was (distribution specification, "Pushing blobs").
 * When a registry rejects one way, the other is tried; a blob too large for one request goes in chunks.
 *
 * @throws `ERR_REGISTRY_DENIED`, `ERR_REGISTRY_FAILED`, `ERR_REGISTRY_UNREACHABLE`, `ERR_INTERRUPTED`, and whatever reading
 * `content` throws
 */
export async function uploadBlob(
  session: Session,
  place: Place,
  blob: { readonly expected: Descriptor; readonly content: Fetcher },
  options: WaitOptions = {},
): Promise<void> {
  const { repository } = place;
  const ask: Ask = {
    repository,
    scopes: [pushScope(repository)],
    what: `push ${describeContent(place, blob.expected)}`,
    signal: options.signal,
  };
  const { size } = blob.expected;
  const ways = new Ways(size, session.uploads);
  const tries = new UploadTries(options.signal);
  const doubt = { isSuspect: false, isWary: false };
  let begun: UploadPoint | undefined;
  /** Bytes that the registry had when last known. */
  let kept = 0;
  for (;;) {
    const way = ways.choose({ isBegun: begun !== undefined, fruitless: tries.fruitless });
    const progress: Progress = {};
    try {
      const upload: Upload = { ...blob, ...doubt, session, ask };
      if (way === 'whole') await sendWhole(upload, progress);
      else if (way === 'stream') await sendStream(upload, progress, begun);
      else await sendChunks(upload, progress, { begun, size: ways.chunk });
      ways.settle();
      return;
    } catch (error) {
      begun = undefined;
      if (progress.isSending === true && ways.change(way, error)) continue;
      await tries.next(error, { hasBegun: progress.at !== undefined });
      doubt.isSuspect = true;
      doubt.isWary = error instanceof RegistryError && error.cause instanceof NetworkError;
    }
    if (progress.at === undefined) continue;
    const found = await findUpload(session, ask, progress.at);
    // Perhaps only the answer to the last request was lost.
    if (found === undefined && (await isThere(session, place, blob.expected, options))) return;
    if ((found?.received ?? 0) > kept) tries.reset();
    kept = found?.received ?? 0;
    begun = found === undefined || found.received > size ? undefined : found;
  }
}
