import { describe, expect, it } from 'vitest';
import { askedFor, mirrorOf } from '../../src/config/mirror.ts';
import { registriesYaml } from '../../src/config/registries-yaml.ts';
import { systemDefaultRegistry } from '../../src/config/site.ts';
import { unreachableImages } from '../../src/config/unreachable.ts';
import { type Naming, targetReference } from '../../src/oci/naming.ts';
import { parseReference } from '../../src/oci/reference.ts';
import { endpointsOf } from '../../src/registry/session/endpoint.ts';
import { parseRegistries } from '../../src/spec/registries/read.ts';
import { configSite } from '../support/sites/config-site.ts';

const NAMINGS: readonly Naming[] = ['rancher', 'strip', 'full'];
const PREFIXES = ['', 'lab', 'lab/mirror'];
const REFERENCES = [
  'rancher/rancher:v2.9.2',
  'docker.io/rancher/mirrored-pause:3.6',
  'busybox:1.36',
  'docker.io/library/busybox:1.36',
  'weaveworks/weave-kube:2.8.1',
  'quay.io/jetstack/cert-manager-controller:v1.15.3',
  'quay.io/a/b/c/d:1',
  'registry.suse.com/rancher/x:1',
  'library.example/library/x:1',
  'Registry.Example:5000/team/app:1',
  'localhost:5001/app:1',
];
const CASES = NAMINGS.flatMap((naming) =>
  PREFIXES.flatMap((prefix) => REFERENCES.map((reference) => ({ naming, prefix, reference }))),
);

describe('the mirrors of registries.yaml', () => {
  it.each(CASES)(
    'lead $reference, named by "$naming" under "$prefix", to where an install puts it',
    (one) => {
      const { naming, prefix, reference } = one;
      const { registry, repository } = parseReference(reference);
      const site = configSite({ naming, prefix, sources: [registry] });
      const { value } = parseRegistries(registriesYaml(site).text, 'registries.yaml');
      // Read as our own client reads such a file, with Go's rules of rewriting.
      const [endpoint] = endpointsOf(registry, value).pull;
      const [root = ''] = endpoint?.roots ?? [];
      const asked = `${root.replace('https://harbor.lab/v2', '')}/${endpoint?.nameOf(repository)}`;
      expect(asked).toBe(`/${targetReference(reference, naming, prefix).repository}`);
      const mirror = mirrorOf(registry, site);
      expect(`/${askedFor(mirror, repository, { canRename: true })}`).toBe(asked);
    },
  );

  it.each(NAMINGS)('ask for "*" in no case: the host would be lost (%s)', (naming) => {
    const { value } = parseRegistries(registriesYaml(configSite({ naming })).text, 'registries.yaml');
    expect(Object.keys(value.mirrors ?? {})).toEqual(['harbor.lab', 'docker.io', 'quay.io']);
  });

  it.each(CASES)(
    'have no path in an endpoint, and one rule at most for $reference ($naming, "$prefix")',
    (one) => {
      const { naming, prefix, reference } = one;
      const { registry, repository } = parseReference(reference);
      const site = configSite({ naming, prefix, sources: [registry] });
      const { value } = parseRegistries(registriesYaml(site).text, 'registries.yaml');
      const mirror = value.mirrors?.[registry];
      expect(mirror?.endpoint).toEqual(['https://harbor.lab']);
      const patterns = Object.keys(mirror?.rewrite ?? {});
      expect(patterns.filter((pattern) => new RegExp(pattern).test(repository)).length).toBeLessThanOrEqual(
        1,
      );
      expect(patterns.join('')).not.toMatch(/[\\"]/);
    },
  );

  it('lead images that were moved by themselves to where they are, dots included', () => {
    const places: Readonly<Record<string, string>> = {
      'quay.io/some.org/app.x:1': 'dots/someorg/app.x',
      'quay.io/plain/app:1': 'dots/quay.io/plain/app',
    };
    const site = configSite({
      prefix: 'dots',
      sources: ['quay.io'],
      images: Object.keys(places),
      repositoryOf: (reference) => places[reference] ?? `dots/${reference}`,
    });
    const { text } = registriesYaml(site);
    expect(text).not.toContain('\\');
    const { value } = parseRegistries(text, 'registries.yaml');
    const [endpoint] = endpointsOf('quay.io', value).pull;
    expect(endpoint?.nameOf('some.org/app.x')).toBe('dots/someorg/app.x');
    expect(endpoint?.nameOf('plain/app')).toBe('dots/quay.io/plain/app');
    expect(endpoint?.nameOf('some-org/app.x')).toBe('some-org/app.x');
  });
});

describe('systemDefaultRegistry', () => {
  it.each([
    ['rancher', '', 'harbor.lab'],
    ['rancher', 'lab/mirror', 'harbor.lab/lab/mirror'],
    ['strip', 'lab', 'harbor.lab/lab'],
    ['full', '', 'harbor.lab/docker.io'],
    ['full', 'lab', 'harbor.lab/lab/docker.io'],
  ] as const)('of the naming "%s" under "%s" is %s', (naming, prefix, expected) => {
    const site = configSite({ naming, prefix });
    expect(systemDefaultRegistry(site)).toBe(expected);
    const { repository } = targetReference('rancher/shell:v1', naming, prefix);
    expect(`${expected}/rancher/shell`).toBe(`harbor.lab/${repository}`);
  });
});

describe('unreachableImages', () => {
  const images = ['docker.io/library/busybox:1', 'docker.io/rancher/rancher:v2.9.2', 'ghcr.io/a/b:1'];

  it('names what a client without rewriting cannot find by its original name', () => {
    const client = { name: 'containerd', canRename: false };
    expect(unreachableImages(images, configSite(), client)).toEqual([
      {
        level: 'warning',
        message: 'containerd cannot find 1 image by their original names: docker.io/library/busybox:1',
        hint: 'Name it as the registry does, such as "harbor.lab/rancher/busybox", or install with --naming full.',
      },
    ]);
    expect(unreachableImages(images, configSite({ naming: 'full' }), client)).toEqual([]);
  });

  it('says nothing to one that rewrites', () => {
    expect(unreachableImages(images, configSite(), { name: 'K3s', canRename: true })).toEqual([]);
  });

  it('shows a few of many', () => {
    const many = Array.from({ length: 9 }, (_, index) => `docker.io/library/x${index}:1`);
    const [finding] = unreachableImages(many, configSite(), { name: 'Docker', canRename: false });
    expect(finding?.message).toContain('9 images');
    expect(finding?.message).toContain('x4:1 and 4 more');
  });
});
