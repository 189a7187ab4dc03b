import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { mergedPullSecret } from '../../../src/config/openshift/pull-secret.ts';
import {
  OPENSHIFT_KINDS,
  type OpenshiftKind,
  renderOpenshift,
} from '../../../src/config/openshift/render.ts';
import { objectName, type OpenshiftSite } from '../../../src/config/openshift/site.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { createAuthority } from '../../support/http/authority.ts';

const authority = await createAuthority();
const PEM = authority.cert;
await authority[Symbol.asyncDispose]();
const LAB = 'registry.lab:5000/ocp/openshift/release';
const SIGNED = digestOf('release');

const SITE: OpenshiftSite = {
  name: 'lab_4.20',
  host: 'registry.lab:5000',
  place: 'registry.lab:5000/ocp',
  mirrors: [
    { source: 'quay.io/openshift-release-dev/ocp-release', mirror: LAB, isRelease: true, hasTags: false },
    {
      source: 'quay.io/openshift-release-dev/ocp-v4.0-art-dev',
      mirror: LAB,
      isRelease: true,
      hasTags: false,
    },
    {
      source: 'registry.redhat.io/ubi9/ubi',
      mirror: 'registry.lab:5000/ocp/registry.redhat.io/ubi9/ubi',
      isRelease: false,
      hasTags: true,
    },
  ],
  releases: [
    {
      name: '4.20.3-x86_64',
      version: '4.20.3',
      mustGather: `${LAB}@${digestOf('gather')}`,
      signatures: [{ digest: SIGNED, messages: [Buffer.from('one'), Buffer.from('two')] }],
    },
  ],
  certificate: PEM,
  catalogs: [
    {
      name: 'registry.redhat.io/redhat/redhat-operator-index:v4.20',
      image: 'registry.lab:5000/ocp/registry.redhat.io/redhat/redhat-operator-index:v4.20',
    },
  ],
};

const textOf = (kind: OpenshiftKind, site: OpenshiftSite = SITE): string =>
  renderOpenshift(kind, site)
    .files.map(({ text }) => text)
    .join('');

const items = (lines: readonly string[], indent: string): string =>
  lines.map((line) => `${indent}${line}\n`).join('');
const RELEASE_ITEMS = [
  '- mirrors:',
  `  - ${LAB}`,
  '  source: quay.io/openshift-release-dev/ocp-release',
  '- mirrors:',
  `  - ${LAB}`,
  '  source: quay.io/openshift-release-dev/ocp-v4.0-art-dev',
];
const TAG_ITEMS = [
  '- mirrors:',
  '  - registry.lab:5000/ocp/registry.redhat.io/ubi9/ubi',
  '  source: registry.redhat.io/ubi9/ubi',
];

describe('what an OpenShift cluster is told', () => {
  it.each([
    [
      'icsp',
      'operator.openshift.io/v1alpha1',
      'ImageContentSourcePolicy',
      'repositoryDigestMirrors',
      [...RELEASE_ITEMS, ...TAG_ITEMS],
    ],
    [
      'idms',
      'config.openshift.io/v1',
      'ImageDigestMirrorSet',
      'imageDigestMirrors',
      [...RELEASE_ITEMS, ...TAG_ITEMS],
    ],
    ['itms', 'config.openshift.io/v1', 'ImageTagMirrorSet', 'imageTagMirrors', TAG_ITEMS],
  ] as const)('is, as %s, where repositories are', (kind, apiVersion, name, list, lines) => {
    expect(textOf(kind)).toBe(
      `apiVersion: ${apiVersion}\nkind: ${name}\nmetadata:\n  name: lab-4-20\nspec:\n  ${list}:\n${items(lines, '  ')}`,
    );
  });

  it.each([
    ['4.20.3', 'imageDigestSources'],
    ['4.14.0', 'imageDigestSources'],
    ['4.14.0-rc.1', 'imageDigestSources'],
    ['4.13.9', 'imageContentSources'],
    ['4.3.0', 'imageContentSources'],
  ])('is, in install-config.yaml of %s, %s', (version, key) => {
    const site = { ...SITE, releases: SITE.releases.map((release) => ({ ...release, version })) };
    const certificate = PEM.trim()
      .split('\n')
      .map((line) => `  ${line}\n`)
      .join('');
    expect(textOf('install-config', site)).toBe(
      `additionalTrustBundlePolicy: Always\nadditionalTrustBundle: |\n${certificate}${key}:\n${items(RELEASE_ITEMS, '')}` +
        `pullSecret: '{"auths":{"registry.lab:5000":{"auth":"\${REGISTRY_BASIC_AUTH}"}}}'\n`,
    );
  });

  it.each([
    ['blank lines behind it', `${PEM}\n\n  \n`],
    ['carriage returns', PEM.replaceAll('\n', '\r\n')],
    ['a comment before it', `subject=lab\n${PEM}`],
    ['blank lines between two', `${PEM}\n\n${PEM}`],
    ['no newline at its end', PEM.trim()],
  ])('has certificates alone and one newline, whatever the file has: %s', (_, certificate) => {
    const [document] = parseAllDocuments(textOf('install-config', { ...SITE, certificate }));
    const bundle: unknown = document?.toJS()?.additionalTrustBundle;
    expect(bundle).toMatch(
      /^(?:-----BEGIN CERTIFICATE-----\n(?:[A-Za-z0-9+/=]+\n)+-----END CERTIFICATE-----\n)+$/,
    );
  });

  it.each([
    ['is empty', ''],
    ['is a key', PEM.replaceAll('CERTIFICATE', 'PRIVATE KEY')],
    ['is cut', PEM.replace(/MII.{40}/, '')],
  ])('is no certificate that %s', (_, certificate) => {
    expect(() => textOf('openshift-ca', { ...SITE, certificate })).toThrow('Cannot use --ca-file');
  });

  it.each([
    ['registry.lab:5000', 'registry.lab..5000'],
    ['registry.lab', 'registry.lab'],
  ])('is, of the certificate of %s, under %s', (host, key) => {
    const [map, image] = parseAllDocuments(textOf('openshift-ca', { ...SITE, host }));
    expect(map?.toJS()).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'registry-config', namespace: 'openshift-config' },
      data: { [key]: PEM },
    });
    expect(image?.toJS()).toEqual({
      apiVersion: 'config.openshift.io/v1',
      kind: 'Image',
      metadata: { name: 'cluster' },
      spec: { additionalTrustedCA: { name: 'registry-config' } },
    });
  });

  it('is the signatures, a ConfigMap for each image', () => {
    const name = SIGNED.replace(':', '-');
    const { files } = renderOpenshift('signature-configmap', SITE);
    expect(files.map(({ path }) => path)).toEqual([`signature-${name.slice(0, 23)}.json`]);
    expect(files.map(({ text }) => JSON.stringify(JSON.parse(text)))).toEqual([
      JSON.stringify({
        kind: 'ConfigMap',
        apiVersion: 'v1',
        metadata: {
          name,
          namespace: 'openshift-config-managed',
          labels: { 'release.openshift.io/verification-signatures': '' },
        },
        binaryData: { [`${name}-1`]: 'b25l', [`${name}-2`]: 'dHdv' },
      }),
    ]);
  });

  it('is how to have must-gather, and which samples there are', () => {
    const commands = [
      '# For support, import the image that the release brings, or name it:\n',
      '#   oc import-image is/must-gather -n openshift\n',
      `#   oc adm must-gather --image=${LAB}@${digestOf('gather')}\n`,
    ].join('');
    const head =
      'apiVersion: samples.operator.openshift.io/v1\nkind: Config\nmetadata:\n  name: cluster\nspec:\n';
    expect(textOf('samples')).toBe(`${commands}${head}  managementState: Removed\n`);
    const samples = { carried: ['ruby'], skipped: ['nodejs', 'php'] };
    expect(textOf('samples', { ...SITE, samples })).toBe(
      `${commands}${head}  managementState: Managed\n  samplesRegistry: registry.lab:5000/ocp\n  skippedImagestreams:\n  - nodejs\n  - php\n`,
    );
  });

  it('is a source for each catalog', () => {
    expect(textOf('catalog-source')).toBe(
      'apiVersion: operators.coreos.com/v1alpha1\nkind: CatalogSource\nmetadata:\n  name: cs-redhat-operator-index-v4-20\n' +
        '  namespace: openshift-marketplace\nspec:\n  image: registry.lab:5000/ocp/registry.redhat.io/redhat/redhat-operator-index:v4.20\n  sourceType: grpc\n',
    );
  });

  it.each(OPENSHIFT_KINDS)('is YAML or JSON without a password, the same every time: %s', (kind) => {
    expect(textOf(kind)).toBe(textOf(kind));
    for (const { text } of renderOpenshift(kind, SITE).files)
      expect(parseAllDocuments(text).flatMap(({ errors }) => errors)).toEqual([]);
  });

  it.each(['icsp', 'idms', 'itms', 'install-config', 'signature-configmap', 'catalog-source'] as const)(
    'is an error where the bundle has nothing for it: %s',
    (kind) => {
      const empty = { ...SITE, mirrors: [], releases: [], catalogs: [] };
      expect(() => textOf(kind, empty)).toThrow(
        `Cannot write "${kind}": the bundle "lab_4.20" has nothing for it`,
      );
    },
  );

  it.each([
    ['lab_4.20', 'lab-4-20'],
    ['UPPER--x', 'upper-x'],
    ['x'.repeat(80), 'x'.repeat(63)],
  ])('has names that a cluster accepts: %s', (name, expected) => {
    expect(objectName(name)).toBe(expected);
  });
});

describe('a pull secret', () => {
  const login = { username: 'reader', password: 'se:cret' };
  const given = {
    auths: { 'quay.io': { auth: 'b3Blbg==', email: 'a@b.c' }, 'registry.redhat.io': { auth: 'b3Blbg==' } },
    other: 1,
  };
  const merge = (secret: unknown): string =>
    mergedPullSecret(
      Buffer.from(typeof secret === 'string' ? secret : JSON.stringify(secret)),
      'registry.lab:5000',
      login,
    );

  it('has the registry added and everything else kept, in one line', () => {
    const auth = Buffer.from('reader:se:cret').toString('base64');
    const text = merge(given);
    expect(text).not.toContain('\n');
    expect(JSON.parse(text)).toEqual({ ...given, auths: { ...given.auths, 'registry.lab:5000': { auth } } });
    expect(merge(text)).toBe(text);
  });

  it.each([
    ['text', 'no', 'it is not JSON'],
    ['a list', [], 'it has no "auths"'],
    ['without auths', {}, 'it has no "auths"'],
    ['with an entry that is empty', { auths: { 'quay.io': {} } }, 'its entry for "quay.io" has no "auth"'],
    ['with an entry that is text', { auths: { 'quay.io': 'x' } }, 'its entry for "quay.io" has no "auth"'],
    [
      'with the registry under another password',
      { auths: { 'registry.lab:5000': { auth: 'eDp5' } } },
      'it has other credentials for "registry.lab:5000"',
    ],
    ['with an entry twice', '{"auths":{"a":{"auth":"x"},"a":{"auth":"y"}}}', 'twice'],
  ])('that is %s is refused, and nothing of it is shown', (_, secret, fact) => {
    expect(() => merge(secret)).toThrow(fact);
  });
});
