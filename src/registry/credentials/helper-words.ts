import { withoutCredentials } from '../../internal/http/without-credentials.ts';

const LIMIT = 200;
/** What follows such a word may be a secret, and so may a long run of letters and digits. */
const NAMED =
  /((?:secret|password|passwd|token|authorization|key)["']?\s*[:=]\s*)(?:basic\s+|bearer\s+)?\S+/gi;
const OPAQUE = /[A-Za-z0-9+/_=-]{20,}/g;

/**
 * Returns what a failing credential helper says about itself, on one line and fit for a terminal; `undefined` when it says
 * nothing. It is the program's own text, so whatever may be a secret is left out.
 */
export function helperWords(text: string): string | undefined {
  // Half an answer is no complaint.
  if (/"(?:Secret|Username)"/i.test(text)) return undefined;
  const line = text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replaceAll(NAMED, '$1…')
    .split(' ')
    .map((word) => withoutCredentials(word).replaceAll(OPAQUE, (run) => (isOpaque(run) ? '…' : run)))
    .join(' ')
    .trim();
  if (line === '') return undefined;
  return line.length > LIMIT ? `${line.slice(0, LIMIT)}…` : line;
}

/** Names of errors are long too, but rarely that long, and have no digits among their letters. */
function isOpaque(run: string): boolean {
  return run.length >= 40 || /[A-Za-z][0-9]|[0-9][A-Za-z]/.test(run);
}
