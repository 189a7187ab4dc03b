import { SaddlebagError } from '../../internal/error.ts';
import { parseForeignJson } from '../../internal/foreign-json.ts';
import { isRecord } from '../../internal/json.ts';
import { quote } from '../../internal/quote.ts';

/** Real ones have some 3 KiB (bytes). */
const LIMIT = 1024 * 1024;

/**
 * Returns a pull secret with the credentials of a registry added, in one line as clusters want it. Everything else in it stays
 * as it is.
 *
 * @throws `ERR_CREDENTIALS_INVALID` when it is no pull secret, an entry lacks its credentials, or it has others for the registry
 */
export function mergedPullSecret(
  bytes: Uint8Array,
  host: string,
  { username, password }: { readonly username: string; readonly password: string },
): string {
  const secret = parseForeignJson(bytes, { limit: LIMIT, fail: invalid });
  const auths = isRecord(secret) ? secret['auths'] : undefined;
  if (!isRecord(secret) || !isRecord(auths)) throw invalid('it has no "auths"');
  for (const [name, entry] of Object.entries(auths)) {
    const hasAuth = isRecord(entry) && (isText(entry['auth']) || isText(entry['identitytoken']));
    if (!hasAuth) throw invalid(`its entry for ${quote(name)} has no "auth"`);
  }
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  const known = auths[host];
  if (isRecord(known) && known['auth'] !== auth)
    throw invalid(
      `it has other credentials for ${quote(host)}`,
      undefined,
      'Remove that entry, or give the pull secret as it was downloaded.',
    );
  return JSON.stringify({ ...secret, auths: { ...auths, [host]: known ?? { auth } } });
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

/** The cause would quote what is in the file. */
function invalid(fact: string, _cause?: unknown, hint?: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_CREDENTIALS_INVALID',
    `Cannot add to the pull secret given with --merge: ${fact}`,
    {
      hint: hint ?? 'Download it again from https://console.redhat.com/openshift/install/pull-secret.',
    },
  );
}
