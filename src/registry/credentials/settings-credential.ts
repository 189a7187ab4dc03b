import { SaddlebagError } from '../../internal/error.ts';
import { type RegistrySettings, settingOf } from '../settings/settings.ts';
import { type Credential, decodeBasic } from './credential.ts';

/**
 * Returns the credential that `configs.<host>.auth` holds, in the order K3s reads its keys.
 *
 * @throws `ERR_CREDENTIALS_INVALID` when its `auth` is not base64 of `username:password`
 */
export function settingsCredential(
  settings: RegistrySettings | undefined,
  host: string,
): Credential | undefined {
  const auth = settingOf(settings?.configs, host)?.auth;
  if (auth === undefined) return undefined;
  if (auth.identity_token !== undefined && auth.identity_token !== '')
    return { type: 'identity-token', token: auth.identity_token };
  if (auth.username !== undefined && auth.username !== '')
    return { type: 'password', username: auth.username, password: auth.password ?? '' };
  if (auth.auth === undefined || auth.auth === '') return undefined;
  const credential = decodeBasic(auth.auth);
  if (credential !== undefined) return credential;
  throw new SaddlebagError(
    'ERR_CREDENTIALS_INVALID',
    `Cannot use the credentials for "${host}": "auth" is not base64 of "username:password"`,
    { hint: 'Write username and password under registries.configs instead.' },
  );
}
