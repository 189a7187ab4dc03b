import { redactUrl } from '../../internal/http/redact.ts';
import { formatReference } from '../../oci/reference.ts';
import type { Origin } from '../format/item.ts';

/** Returns what to call the origin of a blob in messages, with no secret of a URL. */
export function nameOfOrigin(origin: Origin): string {
  if (origin.type === 'bytes') return 'the plan';
  if (origin.type === 'bundle') return origin.path;
  return origin.type === 'url' ? redactUrl(origin.url) : formatReference(origin.reference);
}
