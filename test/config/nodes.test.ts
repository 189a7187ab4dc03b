import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { hostsToml } from '../../src/config/hosts-toml.ts';
import { registriesYaml } from '../../src/config/registries-yaml.ts';
import type { Site } from '../../src/config/site.ts';
import { targetReference } from '../../src/oci/naming.ts';
import { parseRegistries } from '../../src/spec/registries/read.ts';
import { type Certificates, makeCertificates } from '../support/http/certificate.ts';
import { configSite } from '../support/sites/config-site.ts';
import { startContainerd } from '../support/peers/containerd.ts';
import { criPull } from '../support/peers/cri.ts';
import {
  DOCKER_REGISTRY_USER,
  type DockerRegistry,
  startDockerRegistry,
} from '../support/registry/docker-registry.ts';
import { startK3sMirrors } from '../support/sites/k3s-hosts.ts';
import { peer } from '../support/peers/peers.ts';
import { pushSample } from '../support/registry/push-sample.ts';
import { sampleImage } from '../support/samples/sample-image.ts';
import { temporaryFolder } from '../support/temporary.ts';

const { username, password } = DOCKER_REGISTRY_USER;
const BASIC = Buffer.from(`${username}:${password}`).toString('base64');
/** Names as a pod has them, both at once: neither host is ever asked. */
const IMAGES = ['docker.io/rancher/shell:v0.1.6', 'quay.io/jetstack/cert-manager-webhook:v1.15.3'];
const image = sampleImage();

const program = peer('docker-registry');
const openssl = peer('openssl');
const folder = temporaryFolder();
let certificates: Certificates;
/** One with TLS and a password, and one with neither, over the same content. */
let registries: { readonly registry: DockerRegistry; readonly plain: DockerRegistry } | undefined;

beforeAll(async () => {
  if (program === undefined || openssl === undefined) return;
  certificates = await makeCertificates(openssl, folder.path);
  const content = join(folder.path, 'content');
  const plain = await startDockerRegistry({ program, folder: content });
  for (const name of IMAGES) {
    for (const prefix of ['', 'lab/mirror']) {
      const { repository, tag = '' } = targetReference(name, 'rancher', prefix);
      await pushSample({ url: plain.url }, repository, image, tag);
    }
  }
  const registry = await startDockerRegistry({
    program,
    htpasswd: true,
    folder: content,
    tls: certificates,
  });
  registries = { registry, plain };
});
afterAll(async () => {
  await registries?.registry[Symbol.asyncDispose]();
  await registries?.plain[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

function requireRegistries(context: TestContext): NonNullable<typeof registries> {
  return registries ?? context.skip('skipped: docker-registry or openssl not installed');
}

function siteAt(host: string, options: Partial<Site> = {}): Site {
  return configSite({ host, ...options });
}

function writeHosts(place: string, site: Site): void {
  for (const { path, text } of hostsToml(site)) {
    mkdirSync(dirname(join(place, path)), { recursive: true });
    writeFileSync(join(place, path), text.replaceAll('${REGISTRY_BASIC_AUTH}', BASIC));
  }
}

describe('a kubelet behind containerd, with the files of "bundle config"', () => {
  it.for([
    ['hosts.toml, a private authority, a password, under a path', 'lab/mirror'],
    ['hosts.toml, a private authority, a password', ''],
  ] as const)('pulls by original names: %s', async ([, prefix], context) => {
    const { registry } = requireRegistries(context);
    using certs = temporaryFolder();
    writeHosts(certs.path, siteAt(registry.host, { prefix, caFile: certificates.caFile, username }));
    await using containerd = await startContainerd(context, { configPath: certs.path });
    for (const name of IMAGES)
      expect(await criPull(containerd.socket, name)).toMatch(/^sha256:[0-9a-f]{64}$/);
    const own = `${registry.host}/${prefix === '' ? '' : `${prefix}/`}rancher/shell:v0.1.6`;
    expect(await criPull(containerd.socket, own)).toMatch(/^sha256:/);
  });

  it('pulls over plain HTTP', async (context) => {
    const { plain } = requireRegistries(context);
    using certs = temporaryFolder();
    writeHosts(certs.path, siteAt(plain.host, { scheme: 'http' }));
    await using containerd = await startContainerd(context, { configPath: certs.path });
    for (const name of IMAGES) expect(await criPull(containerd.socket, name)).toMatch(/^sha256:/);
  });

  it('is refused where the password is missing, and never turns to the public registry', async (context) => {
    const { registry } = requireRegistries(context);
    using certs = temporaryFolder();
    writeHosts(certs.path, siteAt(registry.host, { caFile: certificates.caFile }));
    await using containerd = await startContainerd(context, { configPath: certs.path });
    await expect(criPull(containerd.socket, IMAGES[0] ?? '')).rejects.toThrow(
      /no basic auth credentials|401/,
    );
  });

  it.for(['', 'lab/mirror'])(
    'pulls through what K3s makes of registries.yaml (under "%s")',
    async (prefix, context) => {
      const { plain } = requireRegistries(context);
      using certs = temporaryFolder();
      const { text } = registriesYaml(siteAt(plain.host, { prefix, scheme: 'http' }));
      const { value } = parseRegistries(text, 'registries.yaml');
      await using mirrors = await startK3sMirrors(certs.path, value, { registry: plain.url });
      expect(mirrors).toBeDefined();
      await using containerd = await startContainerd(context, { configPath: certs.path });
      for (const name of IMAGES) expect(await criPull(containerd.socket, name)).toMatch(/^sha256:/);
    },
  );
});
