import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runInMemory } from '../support/process/cli.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saddlebag-secrets-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Whatever a password may hold between its two halves, neither of which may be seen. */
const MIDDLES = ['/', '#', '?', '@', '\\', '%', '%2F', ':', ' ', '"', "'", 'é漢', '[]', '?a=b&', '@sha256:'];
const [FIRST, LAST] = ['hunTer', 'S3cr3T'];

type Place = (login: string) => {
  readonly spec?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly list?: string;
  readonly argv?: readonly string[];
};

const quoted = (text: string): string => JSON.stringify(text);

const PLACES: Readonly<Record<string, Place>> = {
  HTTP_PROXY: (login) => ({
    spec: 'files: [{ url: http://files.example/x }]',
    env: { HTTP_PROXY: `http://${login}@127.0.0.1:9` },
  }),
  'HTTPS_PROXY, without a scheme': (login) => ({
    spec: 'images: [registry.example/x:1]',
    env: { https_proxy: `${login}@127.0.0.1:9` },
  }),
  'HTTPS_PROXY of SOCKS': (login) => ({
    spec: 'images: [registry.example/x:1]',
    env: { HTTPS_PROXY: `socks5h://${login}@127.0.0.1:9` },
  }),
  'files[].url': (login) => ({ spec: `files: [{ url: ${quoted(`https://${login}@host.invalid/x`)} }]` }),
  'files[].url of a host that refuses': (login) => ({
    spec: `files: [{ url: ${quoted(`http://${login}@127.0.0.1:9/x`)} }]`,
  }),
  'upstreams.k3sReleases': (login) => ({
    spec: `k3s: { versions: [v1.30.6+k3s1], architectures: [amd64] }\nupstreams: { k3sReleases: ${quoted(`http://${login}@127.0.0.1:9/x`)}, k3sDownloads: ${quoted(`http://${login}@127.0.0.1:9/y`)} }`,
  }),
  'charts[].repository': (login) => ({
    spec: `charts: [{ repository: ${quoted(`https://${login}@host.invalid/x`)}, name: a, version: 1.0.0 }]`,
  }),
  'charts[].repository at OCI': (login) => ({
    spec: `charts: [{ repository: ${quoted(`oci://${login}@host.invalid/x`)}, name: a, version: 1.0.0 }]`,
  }),
  'registries.mirrors.*.endpoint': (login) => ({
    spec: `images: [registry.example/x:1]\nregistries: { mirrors: { registry.example: { endpoint: [${quoted(`https://${login}@host.invalid`)}] } } }`,
  }),
  'registries.mirrors, the key': (login) => ({
    spec: `images: [registry.example/x:1]\nregistries: { mirrors: { ${quoted(`${login}@registry.example`)}: { endpoint: ["http://127.0.0.1:9"] } } }`,
  }),
  'registries.configs, the key': (login) => ({
    spec: `images: [registry.example/x:1]\nregistries: { mirrors: { registry.example: { endpoint: ["http://127.0.0.1:9"] } }, configs: { ${quoted(`https://${login}@127.0.0.1:9`)}: { auth: { username: x, password: 1 } } } }`,
  }),
  'registries.configs.*.auth': (login) => ({
    spec: `images: [registry.example/x:1]\nregistries: { mirrors: { registry.example: { endpoint: ["http://127.0.0.1:9"] } }, configs: { "127.0.0.1:9": { auth: { username: x, password: ${quoted(login)}, auth: ${quoted(login)} } } } }`,
  }),
  'images[]': (login) => ({ spec: `images: [${quoted(`${login}@host.invalid/x:1`)}]` }),
  'images[], as a URL': (login) => ({ spec: `images: [${quoted(`docker://${login}@host.invalid/x:1`)}]` }),
  'images[], with a digest': (login) => ({
    spec: `images: [${quoted(`${login}@host.invalid/x:1@sha256:${'a'.repeat(64)}`)}]`,
  }),
  'a line of a list': (login) => ({
    spec: 'imageLists: [list.txt]',
    list: `https://${login}@host.invalid/x:1\n`,
  }),
  'a line of a list, without a scheme': (login) => ({
    spec: 'imageLists: [list.txt]',
    list: `${login}@host.invalid/x:1\n`,
  }),
  'a line of a list of digests': (login) => ({
    spec: 'images: [busybox]\nimageDigests: [list.txt]',
    list: `https://${login}@host.invalid/x:1\n`,
  }),
  'a key of the spec': (login) => ({ spec: `${quoted(`https://${login}@host.invalid`)}: 1` }),
  name: (login) => ({ spec: `name: ${quoted(`https://${login}@host.invalid`)}` }),
  'a value of another kind': (login) => ({ spec: `files: ${quoted(`https://${login}@host.invalid`)}` }),
  'registries, as a path': (login) => ({ spec: `registries: ${quoted(`https://${login}@host.invalid`)}` }),
  'imageLists[], as a path': (login) => ({
    spec: `imageLists: [${quoted(`https://${login}@host.invalid`)}]`,
  }),
  '--registry': (login) => ({ argv: ['install', 'none.tar', '--registry', `${login}@host.invalid`] }),
  '--registry, as a URL': (login) => ({
    argv: ['install', 'none.tar', '--registry', `https://${login}@host.invalid`],
  }),
  'config --registry': (login) => ({
    argv: ['config', 'registries.yaml', '--registry', `https://${login}@host.invalid`],
  }),
  'a bundle': (login) => ({ argv: ['verify', `https://${login}@host.invalid/lab.tar`] }),
  'the spec': (login) => ({ argv: ['build', `https://${login}@host.invalid/lab.yaml`, '-o', 'lab.tar'] }),
};

it.each(Object.entries(PLACES))('a password is in no output, whatever it holds: %s', async (_name, place) => {
  for (const login of MIDDLES.flatMap((middle) => loginsWith(middle, place))) {
    const { spec, env, list, argv } = place(login);
    const name = spec?.startsWith('name:') === true ? '' : 'name: lab\n';
    await writeFile(join(folder, 'lab.yaml'), `bundle: 1\n${name}${spec ?? ''}\n`);
    await writeFile(join(folder, 'list.txt'), list ?? '');
    const command = argv ?? ['build', join(folder, 'lab.yaml'), '-o', join(folder, 'lab.tar')];
    const run = await runInMemory([...command, '--verbose', '--json'], { env, home: folder, verbs: 'real' });
    expect([2, 4, 5]).toContain(run.status);
    for (const half of [FIRST, LAST]) expect(`${run.stdout}${run.stderr}`).not.toContain(half);
  }
});

/** A password that begins with digits passes for a port, and its user for a host; a token before a host needs no colon. */
function loginsWith(middle: string, place: Place): readonly string[] {
  const isUrl = JSON.stringify(place('LOGIN')).includes('://LOGIN@');
  return [
    `user:${FIRST}${middle}${LAST}`,
    `user:42${middle}${FIRST}${LAST}`,
    ...(isUrl ? [`${FIRST}${middle}${LAST}`] : []),
  ];
}
