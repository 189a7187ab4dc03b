import { factOf } from '../../internal/error.ts';
import { type Digest, hexOf } from '../../oci/digest.ts';
import type { Attachment, AttachmentOptions, Doubt } from '../../oci/roles.ts';
import type { Place } from '../content-name.ts';
import type { ManifestOptions } from './fetch.ts';
import { fetchListByTag, fetchReferrers } from './referrers.ts';
import { resolveAt } from './resolve.ts';
import type { Session } from '../session/session.ts';

/** Tags under which cosign keeps what belongs to a digest (sigstore/cosign, `specs/SIGNATURE_SPEC.md`). */
const COSIGN_SUFFIXES = ['att', 'sbom', 'sig'] as const;

/**
 * Returns what is kept beside a manifest: by cosign's tags, and by its subject. Only the endpoint that has the manifest is
 * asked: what a mirror does not have need not be looked for at a registry that cannot be reached. Nothing depends on what is
 * found, so what an endpoint does not answer is a doubt and no failure.
 *
 * @throws `ERR_INTERRUPTED`
 */
export async function findAttachments(
  sessions: readonly Session[],
  place: Place,
  subject: Digest,
  options: AttachmentOptions = {},
): Promise<readonly Attachment[]> {
  const doubts: Doubt[] = [];
  for (const session of sessions) {
    const find = lookingAt(session, { ...options, onDoubt: (doubt) => doubts.push(doubt) });
    const held = await find('tag', (manner) => resolveAt(session, place, subject, manner));
    if (held !== undefined) return await attachmentsAt(session, place, subject, lookingAt(session, options));
  }
  // What one endpoint did not answer does not matter where another one did.
  for (const doubt of doubts) options.onDoubt?.(doubt);
  return [];
}

/** Returns what a question is answered with; `undefined`, once the doubt is told, when it is not. */
type Look = <T>(topic: string, ask: (manner: ManifestOptions) => Promise<T>) => Promise<T | undefined>;

function lookingAt({ lookUps, endpoint }: Session, { signal, onDoubt }: AttachmentOptions): Look {
  return async (topic, ask) => {
    const found = await lookUps.run(topic, async (manner) => await ask({ ...manner, signal }));
    if ('answer' in found) return found.answer;
    onDoubt?.({ host: endpoint.host, fact: factOf(found.doubt) });
    return undefined;
  };
}

async function attachmentsAt(
  session: Session,
  place: Place,
  subject: Digest,
  look: Look,
): Promise<readonly Attachment[]> {
  const tags = COSIGN_SUFFIXES.map((suffix) => `sha256-${hexOf(subject)}.${suffix}`);
  const tagged = await Promise.all(
    tags.map(async (tag): Promise<Attachment[]> => {
      const descriptor = await look('tag', (manner) => resolveAt(session, place, tag, manner));
      // Some registries cut a tag of this form down to the digest, and answer with the image itself.
      return descriptor === undefined || descriptor.digest === subject ? [] : [{ tag, descriptor }];
    }),
  );
  const referrers =
    (await look('referrers', (manner) => fetchReferrers(session, place, subject, manner))) ??
    (await look('tag', (manner) => fetchListByTag(session, place, subject, manner))) ??
    [];
  return [...tagged.flat(), ...referrers.map((descriptor) => ({ descriptor }))];
}
