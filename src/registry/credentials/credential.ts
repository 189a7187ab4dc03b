import type { SaddlebagError } from '../../internal/error.ts';
import type { WaitOptions } from '../../oci/roles.ts';

/** What authenticates a user to a registry. It never goes into a message, a bundle, a lock or a log. */
export type Credential =
  | { readonly type: 'password'; readonly username: string; readonly password: string }
  /** A refresh token that a token service issued in place of a password. */
  | { readonly type: 'identity-token'; readonly token: string };

/** Knows the credentials of registries. */
export interface CredentialStore {
  /**
   * Returns the credential for a host (with its port) and a repository there, or `undefined`.
   *
   * @throws `ERR_CREDENTIALS_INVALID` when the responsible file cannot be read
   */
  find(
    host: string,
    options?: WaitOptions & { readonly repository?: string | undefined },
  ): Promise<Credential | undefined>;
  /** Optional: returns why a credential that this user seems to have for a host could not be got, once that was tried. */
  faultOf?(host: string): SaddlebagError | undefined;
}

/** Returns the header value of Basic authentication (RFC 7617). */
export function basicHeader(credential: { readonly username: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${credential.username}:${credential.password}`).toString('base64')}`;
}

/** Returns the credential in base64 of `username:password`, or `undefined` for any other text. */
export function decodeBasic(text: string): Credential | undefined {
  if (!/^[A-Za-z0-9+/=_-]*$/.test(text)) return undefined;
  const pair = Buffer.from(text, 'base64').toString();
  const colon = pair.indexOf(':');
  if (colon === -1) return undefined;
  // Docker pads some of them with zero bytes.
  return {
    type: 'password',
    username: pair.slice(0, colon),
    password: pair.slice(colon + 1).replace(/^\0+|\0+$/g, ''),
  };
}
