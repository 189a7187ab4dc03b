import { factOf } from '../../internal/error.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { type Digest, hexOf } from '../../oci/digest.ts';
import type { Attachment, AttachmentOptions, Doubt } from '../../oci/roles.ts';
import type { Place } from '../content-name.ts';
import type { ManifestOptions } from './fetch.ts';
import { fetchListByTag, fetchReferrers } from './referrers.ts';
import { resolveAt } from './resolve.ts';
import type { Session } from '../session/session.ts';

/** Tags where cosign keeps what belongs to a digest (sigstore/cosign, `specs/SIGNATURE_SPEC.md`). */
const COSIGN_SUFFIXES = ['att', 'sbom', 'sig'] as const;
/** Heavier than a manifest, lighter than a blob: at the gate of a host, such a question lets manifests go first. */
const WEIGHT = 1;

/**
 * Returns what is kept beside a manifest, found by cosign's tags and by its subject. Of several endpoints, only one that has the
 * manifest is asked, so a mirror never sends us to a registry that cannot be reached. Nothing depends on the result, so a missing answer is
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
  const known = sessions.find((session) =>
    session.known.has(session.endpoint.nameOf(place.repository), subject),
  );
  const only = known ?? (sessions.length === 1 ? sessions[0] : undefined);
  if (only !== undefined) return await attachmentsAt(only, place, subject, lookingAt(only, options));
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
      async ({ retries, patience }) => await ask({ retries, patience, weight: WEIGHT, signal }),
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
  const tagged = tags.map(async (tag): Promise<Attachment[]> => {
    const descriptor = await look('tag', (manner) => resolveAt(session, place, tag, manner));
    // Some registries shorten such a tag to the digest and answer with the image itself.
    return descriptor === undefined || descriptor.digest === subject ? [] : [{ tag, descriptor }];
  });
  const [referrers, ...found] = await Promise.all([referrersAt(session, place, subject, look), ...tagged]);
  return [...found.flat(), ...referrers.map((descriptor) => ({ descriptor }))];
}

async function referrersAt(
  session: Session,
  place: Place,
  subject: Digest,
  look: Look,
): Promise<readonly Descriptor[]> {
  const listed = await look('referrers', (manner) => fetchReferrers(session, place, subject, manner));
  return listed ?? (await look('list', (manner) => fetchListByTag(session, place, subject, manner))) ?? [];
}
