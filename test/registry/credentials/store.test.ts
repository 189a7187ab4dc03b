import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/internal/finding.ts';
import { createCredentialStore } from '../../../src/registry/credentials/store.ts';
import { waitUntil } from '../../support/wait-until.ts';

let home = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'saddlebag-credentials-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

describe('createCredentialStore', () => {
  it('knows no credentials where there are none', async () => {
    expect(await createCredentialStore({ env: {}, home }).find('quay.io')).toBeUndefined();
  });

  it('asks the settings first, then Docker, then the containers tools', async () => {
    await docker({ auths: { 'b.example': entry('docker', '2'), 'a.example': entry('docker', '2') } });
    await containers({
      auths: { 'c.example': entry('containers', '3'), 'b.example': entry('containers', '3') },
    });
    const settings = { configs: { 'a.example': { auth: { username: 'settings', password: '1' } } } };
    const store = createCredentialStore({ settings, env: {}, home });
    const users = await Promise.all(['a.example', 'b.example', 'c.example'].map((host) => store.find(host)));
    expect(users).toEqual([
      { type: 'password', username: 'settings', password: '1' },
      { type: 'password', username: 'docker', password: '2' },
      { type: 'password', username: 'containers', password: '3' },
    ]);
  });

  it.each([
    ['https://index.docker.io/v1/'],
    ['index.docker.io'],
    ['docker.io'],
    ['registry-1.docker.io'],
    ['https://registry-1.docker.io/v2/'],
  ])('finds Docker Hub under %s', async (key) => {
    await docker({ auths: { [key]: entry('hub', 'p') } });
    const store = createCredentialStore({ env: {}, home });
    expect(await store.find('registry-1.docker.io')).toMatchObject({ username: 'hub' });
  });

  it('takes the longest path that fits, by whole components', async () => {
    await containers({
      auths: {
        'quay.io': entry('all', 'p'),
        'quay.io/team': entry('team', 'p'),
        'quay.io/team/app': entry('app', 'p'),
      },
    });
    const store = createCredentialStore({ env: {}, home });
    const userOf = async (repository: string): Promise<unknown> => store.find('quay.io', { repository });
    expect(await userOf('team/app')).toMatchObject({ username: 'app' });
    expect(await userOf('team/app/sub')).toMatchObject({ username: 'app' });
    expect(await userOf('team/application')).toMatchObject({ username: 'team' });
    expect(await userOf('teamwork/app')).toMatchObject({ username: 'all' });
  });

  it('does not take the port of another registry for its own', async () => {
    await docker({ auths: { 'harbor.example:8443': entry('u', 'p') } });
    const store = createCredentialStore({ env: {}, home });
    expect(await store.find('harbor.example')).toBeUndefined();
    expect(await store.find('harbor.example:8443')).toMatchObject({ username: 'u' });
  });

  it('reads identity tokens, and passwords with colons', async () => {
    await docker({
      auths: { 'a.example': { identitytoken: 'refresh' }, 'b.example': entry('u', 'a:b:c') },
    });
    const store = createCredentialStore({ env: {}, home });
    expect(await store.find('a.example')).toEqual({ type: 'identity-token', token: 'refresh' });
    expect(await store.find('b.example')).toEqual({ type: 'password', username: 'u', password: 'a:b:c' });
  });

  it('reads the files that the environment names', async () => {
    await write('elsewhere/config.json', { auths: { 'a.example': entry('docker', 'p') } });
    await write('auth-file.json', { auths: { 'b.example': entry('named', 'p') } });
    await write('run/containers/auth.json', { auths: { 'c.example': entry('runtime', 'p') } });
    const DOCKER_CONFIG = join(home, 'elsewhere');
    const named = createCredentialStore({
      env: { DOCKER_CONFIG, REGISTRY_AUTH_FILE: join(home, 'auth-file.json') },
      home,
    });
    expect(await named.find('a.example')).toMatchObject({ username: 'docker' });
    expect(await named.find('b.example')).toMatchObject({ username: 'named' });
    const runtime = createCredentialStore({ env: { XDG_RUNTIME_DIR: join(home, 'run') }, home });
    expect(await runtime.find('c.example')).toMatchObject({ username: 'runtime' });
  });

  it.each([
    ['not JSON', '{"auths": {"a.example": {"auth": "c2VjcmV0LXBhc3N3b3Jk'],
    ['a list', '["c2VjcmV0LXBhc3N3b3Jk"]'],
    ['garbled base64', '{"auths": {"a.example": {"auth": "secret-password!"}}}'],
    ['no colon', '{"auths": {"a.example": {"auth": "c2VjcmV0LXBhc3N3b3Jk"}}}'],
  ])('names a file that is %s, and nothing of what is in it', async (_what, text) => {
    await write('.docker/config.json', text);
    const error: unknown = await createCredentialStore({ env: {}, home })
      .find('a.example')
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'ERR_CREDENTIALS_INVALID',
      message: expect.stringContaining(join(home, '.docker/config.json')),
    });
    expect(error).not.toHaveProperty('cause');
    const shown = `${error instanceof Error ? `${error.stack}` : ''}${JSON.stringify(error)}`;
    expect(shown).not.toMatch(/c2VjcmV0|secret-password/);
  });

  it('names a file that cannot be read', async () => {
    await mkdir(join(home, '.docker/config.json'), { recursive: true });
    await expect(createCredentialStore({ env: {}, home }).find('a.example')).rejects.toMatchObject({
      code: 'ERR_CREDENTIALS_INVALID',
      message: expect.stringContaining('EISDIR'),
    });
  });

  it('refuses settings whose "auth" is not base64 of a pair', async () => {
    const settings = { configs: { 'a.example': { auth: { auth: 'c2VjcmV0' } } } };
    await expect(createCredentialStore({ settings, env: {}, home }).find('a.example')).rejects.toMatchObject({
      code: 'ERR_CREDENTIALS_INVALID',
      message: expect.not.stringContaining('c2VjcmV0'),
    });
  });

  it.each([
    [{ auth: Buffer.from('u:p').toString('base64') }, { type: 'password', username: 'u', password: 'p' }],
    [
      { username: 'u', password: '12345' },
      { type: 'password', username: 'u', password: '12345' },
    ],
    [{ identity_token: 'opaque' }, { type: 'identity-token', token: 'opaque' }],
    [{}, undefined],
  ])('reads the settings %j', async (auth, expected) => {
    const settings = { configs: { 'a.example:5000': { auth } } };
    expect(await createCredentialStore({ settings, env: {}, home }).find('a.example:5000')).toEqual(expected);
  });
});

describe('a credential helper', () => {
  it('gets the server on stdin and gives name and secret', async () => {
    await helper('sample', 'read server; echo "{\\"Username\\":\\"$server\\",\\"Secret\\":\\"p\\"}"');
    await docker({ credHelpers: { 'a.example': 'sample' } });
    const store = createCredentialStore({ env: pathEnv(), home });
    expect(await store.find('a.example')).toEqual({ type: 'password', username: 'a.example', password: 'p' });
    expect(await store.find('b.example')).toBeUndefined();
  });

  it('for all hosts is asked for Docker Hub by its old address, and may give an identity token', async () => {
    await helper(
      'sample',
      'read server; [ "$server" = https://index.docker.io/v1/ ] && echo \'{"Username":"<token>","Secret":"t"}\'',
    );
    await docker({ credsStore: 'sample', auths: { 'https://index.docker.io/v1/': {} } });
    const store = createCredentialStore({ env: pathEnv(), home });
    expect(await store.find('registry-1.docker.io')).toEqual({ type: 'identity-token', token: 't' });
  });

  it('that does not know the host leaves the question to the files', async () => {
    await helper('sample', 'cat >/dev/null; echo credentials not found in native keychain; exit 1');
    await docker({ credsStore: 'sample', auths: { 'a.example': entry('file', 'p') } });
    const store = createCredentialStore({ env: pathEnv(), home });
    expect(await store.find('a.example')).toMatchObject({ username: 'file' });
  });

  it.each([
    ['is not there', 'missing', 'no such program'],
    ['fails', 'failing', 'ended with status 3'],
    ['talks nonsense', 'nonsense', 'not JSON'],
    ['says too little', 'little', 'no user name and secret'],
    ['has a name that leads elsewhere', '../evil', 'not that of a program'],
  ])('that %s is passed over, told once, and kept for whoever is denied', async (_what, name, fact) => {
    await helper('failing', 'echo "{\\"Secret\\":\\"secret-word\\"}"; exit 3');
    await helper('nonsense', 'echo secret-word');
    await helper('little', 'echo \'{"Secret":"secret-word"}\'');
    await docker({ credsStore: name, auths: { 'b.example': entry('file', 'p') } });
    const findings: Finding[] = [];
    const onFinding = (finding: Finding): void => void findings.push(finding);
    const store = createCredentialStore({ env: pathEnv(), home, onFinding });
    expect(await store.find('a.example', { repository: 'one' })).toBeUndefined();
    expect(await store.find('a.example', { repository: 'two' })).toBeUndefined();
    expect(await store.find('b.example')).toMatchObject({ username: 'file' });
    const message = expect.stringMatching(new RegExp(`docker-credential-${name}.*${fact}`));
    expect(store.faultOf?.('a.example')).toMatchObject({ code: 'ERR_CREDENTIALS_INVALID', message });
    expect(store.faultOf?.('c.example')).toBeUndefined();
    expect(findings).toEqual([{ level: 'warning', message, hint: expect.stringContaining('credsStore') }]);
    const fault = store.faultOf?.('a.example');
    expect(`${fault?.stack}${JSON.stringify(fault)}${JSON.stringify(findings)}`).not.toContain('secret-word');
  });

  it('is asked once for a host, however many repositories ask', async () => {
    await helper('counting', 'cat >/dev/null; echo x >> "$HOME/asked"; echo credentials not found; exit 1');
    await docker({ credsStore: 'counting' });
    const store = createCredentialStore({ env: { ...pathEnv(), HOME: home }, home });
    const asked = ['one', 'two', 'three'].map((repository) => store.find('a.example', { repository }));
    await Promise.all(asked);
    expect(await readFile(join(home, 'asked'), 'utf8')).toBe('x\n');
  });

  it('that never ends is left when the user interrupts', async () => {
    await helper('sleepy', `touch "${home}/asleep"; exec sleep 30`);
    await docker({ credsStore: 'sleepy' });
    const stop = new AbortController();
    const finding = createCredentialStore({ env: pathEnv(), home }).find('a.example', {
      signal: stop.signal,
    });
    await waitUntil(() => existsSync(join(home, 'asleep')));
    stop.abort();
    await expect(finding).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
  });
});

function entry(username: string, password: string): { auth: string } {
  return { auth: Buffer.from(`${username}:${password}`).toString('base64') };
}

const docker = (document: unknown): Promise<void> => write('.docker/config.json', document);
const containers = (document: unknown): Promise<void> => write('.config/containers/auth.json', document);

async function write(path: string, content: unknown): Promise<void> {
  await mkdir(dirname(join(home, path)), { recursive: true });
  await writeFile(join(home, path), typeof content === 'string' ? content : JSON.stringify(content));
}

async function helper(name: string, script: string): Promise<void> {
  const path = join(home, `bin/docker-credential-${name}`);
  await write(`bin/docker-credential-${name}`, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}

function pathEnv(): Record<string, string> {
  return { PATH: `${join(home, 'bin')}:${process.env['PATH'] ?? ''}` };
}
