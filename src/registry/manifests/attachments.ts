import { type Digest, hexOf } from '../../oci/digest.ts';
import type { Attachment, WaitOptions } from '../../oci/roles.ts';
import type { Place } from '../content-name.ts';
import { failOver } from '../session/fail-over.ts';
import { fetchReferrers } from './referrers.ts';
import { resolveAt } from './resolve.ts';
import type { Session } from '../session/session.ts';

/** Tags under which cosign keeps what belongs to a digest (sigstore/cosign, `specs/SIGNATURE_SPEC.md`). */
const COSIGN_SUFFIXES = ['att', 'sbom', 'sig'] as const;

/**
 * Returns what is kept beside a manifest: by cosign's tags, and by its subject. Only the endpoint that has the manifest is
 * asked: what a mirror does not have need not be looked for at a registry that cannot be reached.
 *
 * @throws what the endpoint throws; nothing when none has the manifest
 */
export async function findAttachments(
  sessions: readonly Session[],
  place: Place,
  subject: Digest,
  options: WaitOptions = {},
): Promise<readonly Attachment[]> {
  const what = `look for what belongs to "${subject}"`;
  const holder = await failOver({ what, sessions }, async (session) => {
    const found = await resolveAt(session, place, subject, options);
    return found === undefined ? undefined : session;
  });
  if (holder === undefined) return [];
  const tags = COSIGN_SUFFIXES.map((suffix) => `sha256-${hexOf(subject)}.${suffix}`);
  const tagged = await Promise.all(
    tags.map(async (tag): Promise<Attachment[]> => {
      const descriptor = await resolveAt(holder, place, tag, options);
      return descriptor === undefined ? [] : [{ tag, descriptor }];
    }),
  );
  const referrers = await fetchReferrers(holder, place, subject, options);
  return [...tagged.flat(), ...referrers.map((descriptor) => ({ descriptor }))];
}
