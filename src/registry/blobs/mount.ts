import type { Descriptor } from '../../oci/descriptor.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { pullScope, pushScope } from '../auth/scope.ts';
import { describeContent, type Place } from '../content-name.ts';
import { claimedDigest } from '../manifests/fetch.ts';
import type { Session } from '../session/session.ts';
import { cancelUpload } from './upload-session.ts';

/**
 * Asks the registry to mount a blob from another of its repositories (distribution specification, "Mounting a blob from another
 * repository"); returns whether it did. Any other answer is no failure: the blob can still be sent.
 */
export async function mountBlob(
  session: Session,
  place: Place,
  target: Descriptor,
  options: WaitOptions & { readonly fromRepository: string },
): Promise<boolean> {
  const { repository } = place;
  const { fromRepository, signal } = options;
  const query = new URLSearchParams({ mount: target.digest, from: fromRepository });
  const ask = {
    repository,
    scopes: [pushScope(repository), pullScope(fromRepository)],
    what: `mount ${describeContent(place, target)}`,
    signal,
  };
  const path = `/${repository}/blobs/uploads/?${query.toString()}`;
  const found = await session.lookUps.run('mount', async ({ patience }) => {
    // Not retried: each lost request may have started an upload.
    const request = { ...ask, patience, retries: 0, path, method: 'POST', body: new Uint8Array() } as const;
    await using response = await session.send(request);
    if (response.status === 202) await cancelUpload(session, response, ask);
    return response.status === 201 && (claimedDigest(response) ?? target.digest) === target.digest;
  });
  return 'answer' in found && found.answer;
}
