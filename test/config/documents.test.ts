import { parse as parseToml } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { renderConfig } from '../../src/config/render.ts';
import { type Site, systemDefaultRegistry } from '../../src/config/site.ts';
import { checkRegistries } from '../../src/spec/registries/check.ts';
import { configSite } from '../support/sites/config-site.ts';

const STRICT = { strict: true, uniqueKeys: true, version: '1.1' } as const;
/** Quotes, backslashes, `#`, `: `, a number, DEL: what a document must not choke on. */
const NASTY = 'robot$lab+\'"\\ #: 0x1F\u007F';
const SITES: readonly (readonly [string, Site])[] = [
  ['trusted TLS', configSite({ username: 'admin' })],
  ['a private authority', configSite({ username: 'admin', caFile: '/opt/certs/ca.crt' })],
  ['plain HTTP', configSite({ host: '3.96.56.137', scheme: 'http', username: 'admin' })],
  ['a port and a prefix', configSite({ host: 'harbor.lab:8443', prefix: 'lab/mirror' })],
  ['IPv6', configSite({ host: '[fd00::1]:5000' })],
  ['nasty names', configSite({ username: NASTY, caFile: `/opt/${NASTY}.crt` })],
  ['the naming "full"', configSite({ naming: 'full', prefix: 'lab' })],
];

function textOf(kind: Parameters<typeof renderConfig>[0], site: Site): string {
  return renderConfig(kind, site, { rancherTag: 'v2.9.2' })
    .files.map(({ text }) => text)
    .join('\n');
}

describe.each(SITES)('for a registry with %s', (_, site) => {
  it('registries.yaml is strict YAML that K3s takes nothing amiss in', () => {
    const text = textOf('registries.yaml', site);
    const value: unknown = parse(text, STRICT);
    expect(value).toHaveProperty(['mirrors', site.host, 'endpoint'], [`${site.scheme}://${site.host}`]);
    const findings = checkRegistries(text, 'registries.yaml').filter(
      ({ message }) => !/expands|IPv6/.test(message),
    );
    expect(findings).toEqual([]);
    const { username, caFile } = site;
    expect(value).toMatchObject(
      username === undefined
        ? {}
        : { configs: { [site.host]: { auth: { username, password: '${REGISTRY_PASSWORD}' } } } },
    );
    expect(value).toMatchObject(
      caFile === undefined ? {} : { configs: { [site.host]: { tls: { ca_file: caFile } } } },
    );
  });

  it('hosts.toml is strict TOML, one file a host', () => {
    const { files } = renderConfig('hosts.toml', site);
    const credentials = site.username === undefined ? [] : ['config.toml'];
    expect(files.map(({ path }) => path)).toEqual([
      ...[site.host, 'docker.io', 'quay.io'].map((host) => `${host}/hosts.toml`),
      ...credentials,
    ]);
    for (const { text } of files.filter(({ path }) => path !== 'config.toml')) {
      const value: unknown = parseToml(text);
      expect(value).toHaveProperty('server', expect.stringContaining(`${site.scheme}://${site.host}`));
      // Otherwise containerd 1.6 passes over the file.
      expect(value).toHaveProperty('host', {});
      const authorization = { Authorization: ['Basic ${REGISTRY_BASIC_AUTH}'] };
      expect(value).toMatchObject({
        ...(site.caFile === undefined ? {} : { ca: site.caFile }),
        ...(site.username === undefined ? {} : { header: authorization }),
      });
    }
  });

  it('what containerd is told of credentials is strict TOML', () => {
    const files = renderConfig('hosts.toml', site).files.filter(({ path }) => path === 'config.toml');
    const { host, username } = site;
    const plugin = {
      registry: { configs: { [host]: { auth: { username, password: '${REGISTRY_PASSWORD}' } } } },
    };
    const expected = username === undefined ? [] : [{ plugins: { 'io.containerd.grpc.v1.cri': plugin } }];
    expect(files.map(({ text }): unknown => parseToml(text))).toEqual(expected);
  });

  it('registries.yaml comes with a warning exactly where the host is an address of IPv6', () => {
    const { findings } = renderConfig('registries.yaml', site);
    expect(findings.filter(({ message }) => message.includes('IPv6'))).toHaveLength(
      site.host.startsWith('[') ? 1 : 0,
    );
  });

  it('daemon.json is strict JSON with bare hosts', () => {
    const hasPath = systemDefaultRegistry(site) !== site.host;
    expect(JSON.parse(textOf('daemon.json', site))).toEqual({
      ...(hasPath ? {} : { 'registry-mirrors': [`${site.scheme}://${site.host}`] }),
      ...(site.scheme === 'http' ? { 'insecure-registries': [site.host] } : {}),
    });
  });

  it('the values for RKE and for the charts are strict YAML', () => {
    expect(parse(textOf('rke', site), STRICT)).toMatchObject({ private_registries: [{ is_default: true }] });
    const { files } = renderConfig('helm-values', site, { hostname: 'rancher.lab' });
    for (const { text } of files) expect(parse(text, STRICT)).toBeTypeOf('object');
    const printed = parseAllDocuments(files.map(({ text }) => text).join('\n'), STRICT);
    expect(printed.map(({ errors }) => errors)).toEqual([[], []]);
  });

  it('no document has a password in it', () => {
    for (const kind of ['registries.yaml', 'hosts.toml', 'daemon.json', 'rke', 'helm-values'] as const)
      expect(textOf(kind, site).replaceAll(/\$\{REGISTRY_\w+\}/g, '')).not.toMatch(/password:? *"[^"]/);
  });
});

describe('registries.yaml of the three cases of single-node Rancher', () => {
  const auth = { username: 'admin', password: '${REGISTRY_PASSWORD}' };
  const valueFor = (options: Partial<Site>): unknown =>
    parse(textOf('registries.yaml', configSite({ sources: [], username: 'admin', ...options })), STRICT);

  it('a certificate that everyone trusts', () => {
    expect(valueFor({ host: 'harbor.kingsd.top' })).toEqual({
      mirrors: { 'harbor.kingsd.top': { endpoint: ['https://harbor.kingsd.top'] } },
      configs: { 'harbor.kingsd.top': { auth } },
    });
  });

  it('a private authority', () => {
    expect(valueFor({ host: 'harbor.kingsd.top:8443', caFile: '/opt/certs/ca.crt' })).toEqual({
      mirrors: { 'harbor.kingsd.top:8443': { endpoint: ['https://harbor.kingsd.top:8443'] } },
      configs: { 'harbor.kingsd.top:8443': { auth, tls: { ca_file: '/opt/certs/ca.crt' } } },
    });
  });

  it('plain HTTP', () => {
    expect(valueFor({ host: '3.96.56.137', scheme: 'http' })).toEqual({
      mirrors: { '3.96.56.137': { endpoint: ['http://3.96.56.137'] } },
      configs: { '3.96.56.137': { auth } },
    });
  });

  it('also leads Docker Hub’s names to the registry, and quotes every host', () => {
    const text = textOf('registries.yaml', configSite());
    expect(text).toContain('  "docker.io":\n    endpoint:\n      - "https://harbor.lab"\n');
    expect(text).not.toContain('configs:');
  });
});

describe('daemon.json', () => {
  it('says on the side what Docker keeps elsewhere', () => {
    const site = configSite({ naming: 'full', username: 'admin', caFile: '/opt/certs/ca.crt' });
    const { findings } = renderConfig('daemon.json', site);
    expect(findings.map(({ message }) => message)).toEqual([
      'Docker takes no mirror with a path, and Docker Hub\'s images are under "harbor.lab/docker.io"',
      'Docker mirrors Docker Hub alone: images of quay.io have to be pulled from "harbor.lab" by name',
      'Docker reads certificates from a folder of its own: "/opt/certs/ca.crt" belongs at /etc/docker/certs.d/harbor.lab/ca.crt',
      'Docker keeps credentials with the client: log in as "admin" with "docker login harbor.lab"',
    ]);
  });

  it('has the registry for a mirror of Docker Hub where the names allow it', () => {
    const images = ['docker.io/library/busybox:1', 'quay.io/a/b:1'];
    const { files, findings } = renderConfig('daemon.json', configSite({ sources: ['docker.io'] }), {
      images,
    });
    expect(JSON.parse(files[0]?.text ?? '')).toEqual({ 'registry-mirrors': ['https://harbor.lab'] });
    expect(findings.map(({ message }) => message)).toEqual([
      'Docker cannot find 1 image by their original names: docker.io/library/busybox:1',
    ]);
  });
});

describe('the values of the charts', () => {
  const valuesOf = (
    chart: 0 | 1,
    options: Parameters<typeof renderConfig>[2],
    site = configSite(),
  ): unknown => parse(renderConfig('helm-values', site, options).files[chart]?.text ?? '', STRICT);
  const at = (name: string): unknown => ({
    image: { repository: `harbor.lab/quay.io/jetstack/cert-manager-${name}` },
  });

  it('of Rancher take everything from the registry', () => {
    const site = configSite({ host: 'harbor.lab:8443', prefix: 'lab' });
    expect(valuesOf(0, { hostname: 'rancher.lab', rancherTag: 'v2.9.2' }, site)).toEqual({
      hostname: 'rancher.lab',
      rancherImage: 'harbor.lab:8443/lab/rancher/rancher',
      rancherImageTag: 'v2.9.2',
      systemDefaultRegistry: 'harbor.lab:8443/lab',
      useBundledSystemChart: true,
    });
  });

  it('of Rancher without a host name come with a warning', () => {
    const { findings } = renderConfig('helm-values', configSite());
    expect(findings).toEqual([
      expect.objectContaining({ level: 'warning', hint: expect.stringContaining('--hostname') }),
    ]);
  });

  it.each(['v1.14.0', 'v1.15.3', 'v1.20.0', 'v2.0.0', undefined])(
    'of cert-manager %s',
    (certManagerVersion) => {
      expect(valuesOf(1, { certManagerVersion })).toEqual({
        image: { repository: 'harbor.lab/quay.io/jetstack/cert-manager-controller' },
        webhook: at('webhook'),
        cainjector: at('cainjector'),
        startupapicheck: at('startupapicheck'),
        acmesolver: at('acmesolver'),
      });
    },
  );

  it('of cert-manager v1.11 to v1.13 name the check after its tool', () => {
    expect(valuesOf(1, { certManagerVersion: 'v1.11.0' })).toMatchObject({
      startupapicheck: at('ctl'),
      acmesolver: at('acmesolver'),
    });
  });

  it('of cert-manager before v1.11 hand the ACME solver over as an argument', () => {
    const values = valuesOf(1, { certManagerVersion: 'v1.10.2' });
    expect(values).toHaveProperty('extraArgs', [
      '--acme-http01-solver-image=harbor.lab/quay.io/jetstack/cert-manager-acmesolver:v1.10.2',
    ]);
    expect(values).not.toHaveProperty('acmesolver');
    expect(valuesOf(1, { certManagerVersion: 'v1.4.4' })).not.toHaveProperty('startupapicheck');
    expect(valuesOf(1, { certManagerVersion: 'v0.12.0' })).not.toHaveProperty('startupapicheck');
  });
});
