import type { KeyObject } from 'node:crypto';
import { encodeDocument } from '../format/encode-document.ts';
import { LAYOUT } from '../format/layout.ts';
import type { BundlePlan } from './plan.ts';
import { signDocument } from '../signing/signature.ts';
import { encodeSignature } from '../format/signature-file.ts';

/** Returns the plan of the same bundle, signed. Nothing else changes; the root digest stays the same. */
export function signPlan(plan: BundlePlan, privateKey: KeyObject): BundlePlan {
  // As it lies there: another program may have written it.
  const document =
    plan.files.find(({ path }) => path === LAYOUT.document)?.bytes ?? encodeDocument(plan.document);
  const bytes = encodeSignature(signDocument(document, privateKey));
  const files = plan.files.map((file) => (file.path === LAYOUT.signature ? { ...file, bytes } : file));
  return { ...plan, files };
}
