import type { KeyObject } from 'node:crypto';
import { encodeDocument } from './encode-document.ts';
import { LAYOUT } from './layout.ts';
import type { BundlePlan } from './plan.ts';
import { signDocument } from './signature.ts';
import { encodeSignature } from './signature-file.ts';

/** Returns the plan of the same bundle, signed. Nothing else in it changes, its root digest neither. */
export function signPlan(plan: BundlePlan, privateKey: KeyObject): BundlePlan {
  const bytes = encodeSignature(signDocument(encodeDocument(plan.document), privateKey));
  const files = plan.files.map((file) => (file.path === LAYOUT.signature ? { ...file, bytes } : file));
  return { ...plan, files };
}
