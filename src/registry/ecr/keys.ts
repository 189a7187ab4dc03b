import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SaddlebagError, systemCode } from '../../internal/error.ts';
import { quote } from '../../internal/quote.ts';
import { parseProfiles, type Profile } from './profiles.ts';

/** Whose AWS keys to use. */
export interface AwsUser {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home folder. */
  readonly home: string;
}

/** Keys of AWS. All but the id are secret. */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  /** Where they are from, for hints: `profile "lab" of "/home/me/.aws/credentials"`. */
  readonly source: string;
}

/** What a profile may have in place of keys, in the order the AWS tools look: before the keys, or after them. */
const BEFORE_KEYS: readonly (readonly [string, string])[] = [
  ['role_arn', 'it assumes a role (role_arn)'],
  ['web_identity_token_file', 'it takes a web identity (web_identity_token_file)'],
  ['sso_session', 'it uses SSO (sso_session)'],
  ['sso_account_id', 'it uses SSO (sso_account_id)'],
];
const AFTER_KEYS: readonly (readonly [string, string])[] = [
  ['login_session', 'it uses "aws login" (login_session)'],
  ['credential_process', 'it runs a program (credential_process)'],
];
/** What gives keys to a container. */
const OF_CONTAINERS = [
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
];

/**
 * Returns the user's AWS keys as the AWS tools find them: the environment, then the profile that `AWS_PROFILE` names, or
 * "default", in the shared files; `undefined` when there are none. Nobody is asked for keys: no SSO, no role, no other program,
 * no service of the machine.
 *
 * @throws `ERR_CREDENTIALS_INVALID` for what is there and cannot be used, with what to do; never with a value
 */
export async function findAwsKeys({ env, home }: AwsUser): Promise<AwsKeys | undefined> {
  const own = keysOfEnvironment(env);
  if (own !== undefined) return own;
  const asked = env['AWS_PROFILE'] || env['AWS_DEFAULT_PROFILE'];
  const name = asked || 'default';
  const credentialsPath = env['AWS_SHARED_CREDENTIALS_FILE'] || join(home, '.aws', 'credentials');
  const configPath = env['AWS_CONFIG_FILE'] || join(home, '.aws', 'config');
  const credentials = parseProfiles(await readText(credentialsPath), 'credentials').get(name);
  const config = parseProfiles(await readText(configPath), 'config').get(name);
  const found = [
    { profile: credentials, path: credentialsPath },
    { profile: config, path: configPath },
  ];
  const keys = keysOfProfile(name, found);
  if (keys !== undefined) return keys;
  if (asked && credentials === undefined && config === undefined)
    throw invalid(
      `profile ${quote(name)}`,
      `neither ${quote(credentialsPath)} nor ${quote(configPath)} has it`,
      'AWS_PROFILE names it: correct that, or unset it.',
    );
  const ofContainer = OF_CONTAINERS.find((variable) => env[variable]);
  if (ofContainer !== undefined)
    throw invalid('keys', `${ofContainer} tells where to ask for them`, exportHint('', 'that'));
  return undefined;
}

function keysOfEnvironment(env: AwsUser['env']): AwsKeys | undefined {
  const accessKeyId = env['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = env['AWS_SECRET_ACCESS_KEY'];
  const sessionToken = env['AWS_SESSION_TOKEN'] || undefined;
  if (!accessKeyId && !secretAccessKey) return undefined;
  if (accessKeyId && secretAccessKey)
    return { accessKeyId, secretAccessKey, sessionToken, source: 'AWS_ACCESS_KEY_ID' };
  const [set, missing] = accessKeyId
    ? ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']
    : ['AWS_SECRET_ACCESS_KEY', 'AWS_ACCESS_KEY_ID'];
  throw invalid('keys', `${set} is set, and ${missing} is not`, 'Set both, or none of them.');
}

interface FoundProfile {
  readonly profile: Profile | undefined;
  readonly path: string;
}

function keysOfProfile(name: string, [credentials, config]: readonly FoundProfile[]): AwsKeys | undefined {
  const both = [credentials, config].filter((each) => each?.profile !== undefined);
  refuseOthers(name, both, BEFORE_KEYS);
  const inCredentials = keysIn(name, credentials);
  if (inCredentials !== undefined) return inCredentials;
  refuseOthers(name, both, AFTER_KEYS);
  return keysIn(name, config);
}

function refuseOthers(
  name: string,
  found: readonly (FoundProfile | undefined)[],
  others: readonly (readonly [string, string])[],
): void {
  for (const [key, words] of others) {
    const place = found.find((each) => each?.profile?.get(key));
    if (place === undefined) continue;
    const profile = `profile ${quote(name)} of ${quote(place.path)}`;
    throw invalid(profile, words, exportHint(` --profile ${name}`, 'such a profile'));
  }
}

function keysIn(name: string, found: FoundProfile | undefined): AwsKeys | undefined {
  const accessKeyId = found?.profile?.get('aws_access_key_id');
  const secretAccessKey = found?.profile?.get('aws_secret_access_key');
  if (found === undefined || (!accessKeyId && !secretAccessKey)) return undefined;
  const source = `profile ${quote(name)} of ${quote(found.path)}`;
  if (!accessKeyId || !secretAccessKey)
    throw invalid(source, 'it has one of aws_access_key_id and aws_secret_access_key', 'Write both there.');
  const sessionToken = found.profile?.get('aws_session_token') || undefined;
  return { accessKeyId, secretAccessKey, sessionToken, source };
}

/** The one command of the AWS CLI that turns whatever it can log in with into keys. */
function exportHint(profile: string, what: string): string {
  return `Keys are not fetched for ${what}: run "aws configure export-credentials${profile} --format env", and set what it prints.`;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const code = systemCode(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') return '';
    throw invalid(
      `keys of ${quote(path)}`,
      `it cannot be read (${code ?? 'unknown reason'})`,
      'Correct the file or its permissions.',
    );
  }
}

function invalid(what: string, fact: string, hint: string): SaddlebagError {
  return new SaddlebagError('ERR_CREDENTIALS_INVALID', `Cannot use the AWS ${what}: ${fact}`, { hint });
}
