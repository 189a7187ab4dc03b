import type { KeyObject } from 'node:crypto';
import { encodeDocument } from '../format/encode-document.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { LAYOUT } from '../format/layout.ts';
import { SIGNATURE_SIZE } from '../format/signature-file.ts';
import { SIGNATURE_ROOM } from '../format/signature-lines.ts';
import { HeadFile } from './head-file.ts';
import type { BundlePlan } from './plan.ts';
import { signatureBy } from '../signing/signature.ts';
import { signaturesIn } from '../signing/room.ts';

/**
 * Returns the plan of the same bundle, signed. Nothing else changes; the root digest stays the same.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE` when it has no room for a signature by that key
 */
export function signPlan(plan: BundlePlan, privateKey: KeyObject): BundlePlan {
  // As it lies there: another program may have written it.
  const document =
    plan.files.find(({ path }) => path === LAYOUT.document)?.bytes ?? encodeDocument(plan.document);
  const bytes = signaturesIn(
    plan.document.signatureRoom ?? SIGNATURE_SIZE,
    [signatureBy(document, privateKey)],
    {
      path: plan.document.name,
    },
  );
  const files = plan.files.map((file) =>
    file.path === LAYOUT.signature ? HeadFile.of(file.path, bytes) : file,
  );
  return { ...plan, files };
}

/** Makes sure that so many bytes may be reserved for signatures. @throws `ERR_USAGE_INVALID` */
export function requireRoom(room: number | undefined): void {
  if (room === undefined || (room >= SIGNATURE_ROOM.least && room <= SIGNATURE_ROOM.most)) return;
  throw new SaddlebagError(
    'ERR_USAGE_INVALID',
    `Cannot reserve ${room} bytes for signatures: expected ${SIGNATURE_ROOM.least} to ${SIGNATURE_ROOM.most}`,
    {
      hint: 'Leave it out for one signature with Ed25519 or P-256; 8KiB are enough for several, one with ML-DSA-65 among them.',
    },
  );
}
