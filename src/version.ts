import { readFileSync } from 'node:fs';
import { isRecord } from './internal/json.ts';

/** The program's version from `package.json`. The build inlines it, so the shipped program needs no file beside it. */
export const VERSION: string = read();

function read(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const manifest: unknown = JSON.parse(text);
  return isRecord(manifest) && typeof manifest['version'] === 'string' ? manifest['version'] : 'unknown';
}
