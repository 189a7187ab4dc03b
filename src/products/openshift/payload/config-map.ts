import { isRecord } from '../../../internal/json.ts';
import { textDocuments } from '../../../internal/yaml/text.ts';
import { VERIFICATION_MARK } from './names.ts';

/**
 * Returns the keyrings in a manifest of a release that names the keys of its signatures, by their names; `undefined` for any
 * other manifest (openshift/library-go, `pkg/verify/configmap.go`).
 */
export function verificationKeys(manifest: Uint8Array): ReadonlyMap<string, Uint8Array> | undefined {
  const text = Buffer.from(manifest).toString('utf8');
  // Most manifests have nothing to do with it, and need not be parsed.
  if (!text.includes(VERIFICATION_MARK)) return undefined;
  const map = textDocuments(text)?.find(isVerificationMap);
  if (!isRecord(map) || !isRecord(map['data'])) return undefined;
  const keys = Object.entries(map['data']).filter(([name]) => name.startsWith('verifier-public-key-'));
  return new Map(keys.map(([name, value]) => [name, Buffer.from(typeof value === 'string' ? value : '')]));
}

function isVerificationMap(document: unknown): boolean {
  if (!isRecord(document) || document['kind'] !== 'ConfigMap') return false;
  const { metadata } = document;
  const annotations = isRecord(metadata) ? metadata['annotations'] : undefined;
  return isRecord(annotations) && annotations[VERIFICATION_MARK] !== undefined;
}
