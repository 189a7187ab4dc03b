import { isNodeSettings } from '../../../products/kubernetes/node-settings.ts';

/** What a file is by its content, as far as its beginning tells. */
export type Told = 'chart' | 'json' | 'list' | 'settings' | 'yaml' | 'binary';

/** Lines of a list that are looked at. */
const LOOKED_AT = 50;

/** Returns what a file is that begins like this (UTF-8, or the bytes of an archive). */
export function told(start: Uint8Array): Told {
  if (start[0] === 0x1f && start[1] === 0x8b) return 'chart';
  const text = Buffer.from(start).toString('utf8');
  if (text.includes('\0')) return 'binary';
  if (/^\s*(?:\{\s*["}]|\[\s*["{[\]])/.test(text)) return 'json';
  if (isNodeSettings(text)) return 'settings';
  return isList(text) ? 'list' : 'yaml';
}

/** One word a line, none of which begins or ends like a key or an item of YAML. */
function isList(text: string): boolean {
  const words = text
    .split(/\r\n|\n|\r/)
    .slice(0, LOOKED_AT)
    .map((line) => line.replace(/(?:^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
  return (
    words.length > 0 &&
    words.every((word) => /^[\w[][^\s"'{}]*[^\s"'{}:,](?:\s+sha256:[0-9a-f]{64})?$/.test(word))
  );
}
