import type { Path } from '../yaml/place.ts';

/** The parent of each key in the schema. */
const PLACES: Readonly<Record<string, string>> = {
  mirrors: 'at the top level',
  configs: 'at the top level',
  endpoint: 'under mirrors and a host',
  rewrite: 'under mirrors and a host',
  auth: 'under configs and a host',
  tls: 'under configs and a host',
  username: 'under configs, a host and auth',
  password: 'under configs, a host and auth',
  identity_token: 'under configs, a host and auth',
  ca_file: 'under configs, a host and tls',
  cert_file: 'under configs, a host and tls',
  key_file: 'under configs, a host and tls',
  insecure_skip_verify: 'under configs, a host and tls',
};

/** Returns the advice for a key that K3s does not know in this place, unless it is just a typo. */
export function adviceOnKey(path: Path, key: string): string | undefined {
  if (Object.hasOwn(PLACES, key)) return `It belongs ${PLACES[key]}: check the indentation.`;
  if (path.length === 0 && /[.:*]/.test(key))
    return 'A host belongs under mirrors or configs: check the indentation.';
  if (path.at(-1) === 'auth' && /token/i.test(key))
    return 'K3s reads "identity_token", or "username" and "password".';
  return undefined;
}

/** Returns whether a key under `mirrors` or `configs` is one of the schema, where a host should be. */
export function isMisplacedKey(key: string): boolean {
  return Object.hasOwn(PLACES, key);
}
