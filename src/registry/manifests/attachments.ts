import { factOf } from '../../internal/error.ts';
import { type Digest, hexOf } from '../../oci/digest.ts';
import type { Attachment, AttachmentOptions, Doubt } from '../../oci/roles.ts';
import type { Place } from '../content-name.ts';
import type { ManifestOptions } from './fetch.ts';
import { fetchListByTag, fetchReferrers } from './referrers.ts';
import { resolveAt } from './resolve.ts';
import type { Session } from '../session/session.ts';

/** Tags where cosign keeps what belongs to a digest (sigstore/cosign, `specs/SIGNATURE_SPEC.md`). */
const COSIGN_SUFFIXES = ['att', 'sbom', 'sig'] as const;

/**
 * Returns what is kept beside a manifest, found by cosign's tags and by its subject. Only an endpoint that has the manifest is
 * asked, so a mirror never sends us to a registry that cannot be reached. Nothing depends on the result, so a missing answer is
 * a doubt, not a failure.
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
    const find = lookingAt(session, { signal: options.signal, onDoubt: (doubt) => doubts.push(doubt) });
    const held = await find('tag', (manner) => resolveAt(session, place, subject, manner));
    if (held !== undefined) return await attachmentsAt(session, place, subject, lookingAt(session, options));
  }
  // A doubt about one endpoint does not matter when another one answered.
  for (const doubt of doubts) options.onDoubt?.(doubt);
  return [];
}

/** Returns the answer to a question; `undefined` after reporting a doubt. */
type Look = <T>(topic: string, ask: (manner: ManifestOptions) => Promise<T>) => Promise<T | undefined>;

function lookingAt({ lookUps, endpoint }: Session, { signal, onDoubt }: AttachmentOptions): Look {
  return async (topic, ask) => {
    const found = await lookUps.run(
      topic,
      async ({ retries, patience }) => await ask({ retries, patience, signal }),
    );
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
      // Some registries shorten such a tag to the digest and answer with the image itself.
      return descriptor === undefined || descriptor.digest === subject ? [] : [{ tag, descriptor }];
    }),
  );
  const referrers =
    (await look('referrers', (manner) => fetchReferrers(session, place, subject, manner))) ??
    (await look('tag', (manner) => fetchListByTag(session, place, subject, manner))) ??
    [];
  return [...tagged.flat(), ...referrers.map((descriptor) => ({ descriptor }))];
}
