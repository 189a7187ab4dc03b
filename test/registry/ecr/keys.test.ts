import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findAwsKeys } from '../../../src/registry/ecr/keys.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { thrownBy } from '../../support/thrown.ts';

const LINES = (id: string): string => `aws_access_key_id = ${id}\naws_secret_access_key = secret+${id}/=\n`;

function homeWith(files: Readonly<Record<string, string>> = {}): string {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  mkdirSync(join(folder.path, '.aws'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder.path, name), text);
  return folder.path;
}

describe('keys of AWS', () => {
  it('are none where there are none', async () => {
    expect(await findAwsKeys({ env: {}, home: '/nonexistent/home' })).toBeUndefined();
    expect(await findAwsKeys({ env: {}, home: homeWith({ '.aws/config': '[default]\nregion = x\n' }) })).toBe(
      undefined,
    );
  });

  it.each([
    ['the environment', { AWS_ACCESS_KEY_ID: 'env', AWS_SECRET_ACCESS_KEY: 's' }, 'env'],
    ['the profile that is named', { AWS_PROFILE: 'lab' }, 'lab'],
    ['the one that is named in the other way', { AWS_DEFAULT_PROFILE: 'lab' }, 'lab'],
    ['a profile of the config', { AWS_PROFILE: 'other one' }, 'other'],
    ['the default profile', {}, 'default'],
    [
      'the environment before a profile',
      { AWS_PROFILE: 'lab', AWS_ACCESS_KEY_ID: 'env', AWS_SECRET_ACCESS_KEY: 's' },
      'env',
    ],
    [
      'the default profile, where the variables are empty',
      { AWS_PROFILE: '', AWS_ACCESS_KEY_ID: '' },
      'default',
    ],
  ])('are those of %s', async (_, env, accessKeyId) => {
    const home = homeWith({
      '.aws/credentials': `${LINES('unnamed')}[default]\n${LINES('default')}[lab] # of the lab\n${LINES('lab')}`,
      '.aws/config': `[default]\n${LINES('config')}[profile "other one"]\n${LINES('other')}`,
    });
    expect(await findAwsKeys({ env, home })).toMatchObject({ accessKeyId });
  });

  it.each([
    ['CRLF and a byte order mark', `\uFEFF[default]\r\n${LINES('a').replaceAll('\n', '\r\n')}`],
    ['no blanks', '[default]\naws_access_key_id=a\naws_secret_access_key=secret+a/=\n'],
    ['comments', `# one\n; two\n[default]\n${LINES('a').replaceAll('\n', ' # mine\n')}`],
    [
      'a section in two parts',
      '[default]\naws_access_key_id = a\n[x]\n[default]\naws_secret_access_key = secret+a/=\n',
    ],
    ['settings below a setting', `[default]\ns3 =\n  aws_access_key_id = wrong\n${LINES('a')}`],
  ])('are read from a file with %s', async (_, text) => {
    const home = homeWith({ '.aws/credentials': text });
    expect(await findAwsKeys({ env: {}, home })).toMatchObject({
      accessKeyId: 'a',
      secretAccessKey: 'secret+a/=',
      sessionToken: undefined,
    });
  });

  it('come from the files that are named, with the token of a session', async () => {
    const home = homeWith({ mine: `[default]\n${LINES('mine')}aws_session_token = token==\n` });
    const env = { AWS_SHARED_CREDENTIALS_FILE: join(home, 'mine'), AWS_CONFIG_FILE: join(home, 'none') };
    expect(await findAwsKeys({ env, home })).toMatchObject({ accessKeyId: 'mine', sessionToken: 'token==' });
  });

  it.each([
    ['a role', 'role_arn = arn:aws:iam::1:role/x\nsource_profile = base\n', 'role_arn'],
    ['a web identity', 'web_identity_token_file = /x\n', 'web_identity_token_file'],
    ['SSO', 'sso_session = my\nsso_account_id = 1\n', 'sso_session'],
    ['SSO of before', 'sso_start_url = https://x\nsso_account_id = 1\n', 'sso_account_id'],
    ['a log-in of the AWS CLI', 'login_session = arn:aws:iam::1:user/x\n', 'login_session'],
    ['a program', 'credential_process = /opt/keys --secret hunter2\n', 'credential_process'],
  ])('are not fetched by %s, and the one command that does it is named', async (_, text, key) => {
    const home = homeWith({ '.aws/config': `[profile lab]\n${text}` });
    const error = await thrownBy(findAwsKeys({ env: { AWS_PROFILE: 'lab' }, home }));
    expect(error.code).toBe('ERR_CREDENTIALS_INVALID');
    expect(error.message).toContain('profile "lab"');
    expect(error.message).toContain(key);
    expect(error.hint).toContain('"aws configure export-credentials --profile lab --format env"');
    expect(`${error.message}${error.hint}`).not.toContain('hunter2');
  });

  it('of a profile come before its program, and after its role', async () => {
    const files = { '.aws/credentials': `[default]\n${LINES('a')}` };
    const program = homeWith({ ...files, '.aws/config': '[default]\ncredential_process = x\n' });
    expect(await findAwsKeys({ env: {}, home: program })).toMatchObject({ accessKeyId: 'a' });
    const role = homeWith({ ...files, '.aws/config': '[default]\nrole_arn = arn:x\n' });
    expect((await thrownBy(findAwsKeys({ env: {}, home: role }))).message).toContain('role_arn');
  });

  it.each([
    ['one half of them in the environment', { AWS_ACCESS_KEY_ID: 'hunter2' }, 'AWS_SECRET_ACCESS_KEY is not'],
    ['the other half', { AWS_SECRET_ACCESS_KEY: 'hunter2' }, 'AWS_ACCESS_KEY_ID is not'],
    ['a profile that does not exist', { AWS_PROFILE: 'none' }, 'profile "none"'],
    ['a profile with half of them', { AWS_PROFILE: 'half' }, 'it has one of'],
    ['a web identity of a container', { AWS_WEB_IDENTITY_TOKEN_FILE: '/x' }, 'AWS_WEB_IDENTITY_TOKEN_FILE'],
    ['a container', { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://x' }, 'AWS_CONTAINER_CREDENTIALS_FULL_URI'],
  ])('are a mistake with %s, which shows no value', async (_, env, fact) => {
    const home = homeWith({ '.aws/credentials': '[half]\naws_secret_access_key = hunter2\n' });
    const error = await thrownBy(findAwsKeys({ env, home }));
    expect(error).toMatchObject({ code: 'ERR_CREDENTIALS_INVALID', message: expect.stringContaining(fact) });
    expect(`${error.stack}${error.hint}${JSON.stringify(error)}`).not.toContain('hunter2');
  });

  it('in a file that cannot be read are a mistake that names the file', async () => {
    const home = homeWith();
    mkdirSync(join(home, '.aws/credentials'));
    expect((await thrownBy(findAwsKeys({ env: {}, home }))).message).toContain(
      join(home, '.aws/credentials'),
    );
  });
});
