import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { certificateFolders, certificatesFor } from '../../../src/registry/settings/certificate-folders.ts';
import { tlsFor } from '../../../src/registry/settings/tls.ts';
import { failureOf } from '../../support/failure.ts';
import { type Authority, createAuthority, type KeyPair } from '../../support/http/authority.ts';
import { openTestClient } from '../../support/registry/client.ts';
import { startRegistry } from '../../support/registry/registry.ts';
import { temporaryFolder } from '../../support/temporary.ts';

let authority: Authority;
let client: KeyPair;
beforeAll(async () => {
  authority = await createAuthority();
  client = await authority.issue(['DNS:client']);
});
afterAll(() => authority[Symbol.asyncDispose]());

/** Makes a folder as Docker has it, with files by host. */
function folderWith(files: Readonly<Record<string, Readonly<Record<string, string>>>>): string {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  for (const [host, content] of Object.entries(files)) {
    mkdirSync(join(folder.path, host));
    for (const [name, text] of Object.entries(content)) writeFileSync(join(folder.path, host, name), text);
  }
  return folder.path;
}

describe('the folders of Docker and its kin', () => {
  it.each([
    [
      'linux',
      {},
      [
        '/etc/docker/certs.d',
        '/home/u/.docker/certs.d',
        '/home/u/.config/containers/certs.d',
        '/etc/containers/certs.d',
      ],
    ],
    [
      'darwin',
      {},
      [
        '/etc/docker/certs.d',
        '/home/u/.docker/certs.d',
        '/home/u/.config/containers/certs.d',
        '/etc/containers/certs.d',
      ],
    ],
  ])('are where %s has them', (platform, env, folders) => {
    expect(certificateFolders({ platform, env, home: '/home/u' })).toEqual(folders);
  });

  it('are below ProgramData on Windows', () => {
    const [first] = certificateFolders({
      platform: 'win32',
      env: { ProgramData: 'D:\\Data' },
      home: 'C:\\u',
    });
    expect(first).toMatch(/^D:\\Data.docker.certs\.d$/);
  });
});

describe('certificatesFor', () => {
  it.each([
    ['harbor.lab', 'harbor.lab'],
    ['harbor.lab', 'harbor.lab:443'],
    ['harbor.lab:5000', 'harbor.lab:5000'],
    ['harbor.lab:5000', 'harbor.lab5000'],
    ['[fd00::7]:5000', '[fd00::7]:5000'],
    ['127.0.0.1:5000', '127.0.0.1:5000'],
  ])('finds "%s" in the folder "%s"', (host, name) => {
    const folder = folderWith({ [name]: { 'ca.crt': authority.cert } });
    expect(certificatesFor(host, [folder])).toEqual({ ca: authority.cert });
  });

  it.each([
    ['harbor.lab', 'harbor.lab:5000'],
    ['harbor.lab:5000', 'harbor.lab'],
    ['harbor.lab', 'lab'],
    ['..', '..'],
    ['.', 'harbor.lab'],
  ])('does not take for "%s" what is in "%s"', (host, name) => {
    const folder = folderWith(name === '..' ? {} : { [name]: { 'ca.crt': authority.cert } });
    if (name === '..') writeFileSync(join(folder, '..', 'saddlebag-test.crt'), authority.cert);
    expect(certificatesFor(host, [folder])).toBeUndefined();
  });

  it('takes every authority, the first client certificate with its key, and nothing else', () => {
    const folder = folderWith({
      'a.lab': {
        'one.crt': authority.cert,
        'two.crt': authority.cert,
        'client.cert': client.cert,
        'client.key': client.key,
        'note.txt': 'hello',
        'other.key': 'not used',
      },
      'b.lab': { 'client.cert': client.cert, 'client.key': client.key },
    });
    expect(certificatesFor('a.lab', [folder])).toEqual({
      ca: `${authority.cert}\n${authority.cert}`,
      cert: client.cert,
      key: client.key,
    });
    expect(certificatesFor('b.lab', [folder])).toEqual({ ca: undefined, cert: client.cert, key: client.key });
  });

  it('takes the first folder that has the host', () => {
    const empty = folderWith({});
    const first = folderWith({ 'a.lab': { 'ca.crt': authority.cert } });
    const second = folderWith({ 'a.lab': { 'ca.crt': 'nonsense' } });
    expect(certificatesFor('a.lab', [join(empty, 'nowhere'), empty, first, second])).toEqual({
      ca: authority.cert,
    });
  });

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['an authority that is none', { 'ca.crt': 'nonsense' }, 'holds no PEM text'],
    ['an authority of DER', { 'ca.crt': '\u0030\u0082' }, 'holds no PEM text'],
    [
      'a client certificate without its key',
      { 'client.cert': 'CERT' },
      'its key "client.key" is not beside it',
    ],
    [
      'a client certificate that is a key',
      { 'client.cert': 'KEY', 'client.key': 'KEY' },
      'holds no certificate',
    ],
    ['a key that is a certificate', { 'client.cert': 'CERT', 'client.key': 'CERT' }, 'holds no private key'],
  ])('names the file of %s', async (_what, files, fact) => {
    const filled = Object.entries(files).map(([name, text]): [string, string] => [
      name,
      text === 'CERT' ? client.cert : text === 'KEY' ? client.key : text,
    ]);
    const folder = folderWith({ 'a.lab': Object.fromEntries(filled) });
    expect(await failureOf(() => certificatesFor('a.lab', [folder]))).toMatchObject({
      code: 'ERR_REGISTRIES_INVALID',
      message: expect.stringMatching(new RegExp(`a\\.lab/.*${fact}`)),
      hint: expect.stringContaining('registries.configs'),
    });
  });

  it.skipIf(process.getuid?.() === 0)('names a file that it may not read', async () => {
    const folder = folderWith({ 'a.lab': { 'ca.crt': authority.cert } });
    chmodSync(join(folder, 'a.lab', 'ca.crt'), 0);
    expect((await failureOf(() => certificatesFor('a.lab', [folder]))).message).toContain('EACCES');
  });
});

describe('a registry with certificates in a folder of Docker', () => {
  it('is trusted, is given the client certificate, and gets neither for plain HTTP', async () => {
    const tls = { ...(await authority.issue(['IP:127.0.0.1'])), clientCa: authority.cert };
    await using registry = await startRegistry({ tls });
    const certificates = { 'ca.crt': authority.cert, 'client.cert': client.cert, 'client.key': client.key };
    const folder = folderWith({ [registry.host]: certificates });
    const lookUp = tlsFor(undefined, { certificateFolders: [folder] });
    await using reached = openTestClient({ tls: lookUp });
    await reached.open(`https://${registry.host}`).ping();
    expect(registry.log.entries).not.toEqual([]);
    expect(lookUp(`http://${registry.host}`)).toBeUndefined();
  });

  it('is told by the settings instead when they have TLS for it', () => {
    const folder = folderWith({ 'a.lab': { 'ca.crt': 'nonsense' } });
    const settings = { configs: { 'a.lab': { tls: { insecure_skip_verify: true } } } };
    const lookUp = tlsFor(settings, { certificateFolders: [folder] });
    expect(lookUp('https://a.lab')).toEqual({ rejectUnauthorized: false });
  });
});
