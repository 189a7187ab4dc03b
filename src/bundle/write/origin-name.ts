import { redactUrl } from '../../internal/http/redact.ts';
import { formatReference } from '../../oci/reference.ts';
import type { Origin } from '../format/item.ts';

/** Returns the name of a blob's origin for messages, without any secret in a URL. */
export function nameOfOrigin(origin: Origin): string {
  if (origin.type === 'bytes') return 'the plan';
  if (origin.type === 'bundle' || origin.type === 'file') return origin.path;
  if (origin.type === 'made') return origin.title;
  if (origin.type === 'archive') return `${origin.path}, ${origin.entry}`;
  return origin.type === 'url' ? redactUrl(origin.url) : formatReference(origin.reference);
}
