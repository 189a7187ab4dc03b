import { SaddlebagError } from '../../internal/error.ts';
import type { Finding } from '../../internal/finding.ts';
import type { ConfigFile, Rendered } from '../site.ts';
import { catalogSources, certificateObjects, samplesConfig } from './cluster.ts';
import { installConfig, pullSecretOf } from './install-config.ts';
import { type MirrorSetKind, mirrorSet } from './mirror-sets.ts';
import { signatureConfigMaps } from './signature-config-map.ts';
import type { OpenshiftSite } from './site.ts';

export { mergedPullSecret } from './pull-secret.ts';
export { signatureConfigMaps } from './signature-config-map.ts';
export type { CatalogAtSite, OpenshiftSite, ReleaseAtSite, RepositoryMirror } from './site.ts';

/** A kind of configuration for an OpenShift cluster, or for its installer. */
export const OPENSHIFT_KINDS = [
  'icsp',
  'idms',
  'itms',
  'install-config',
  'pull-secret',
  'signature-configmap',
  'openshift-ca',
  'samples',
  'catalog-source',
] as const;

export type OpenshiftKind = (typeof OPENSHIFT_KINDS)[number];

/**
 * Returns the configuration of a kind; the same for the same bundle and registry, whenever it is made.
 *
 * @throws `ERR_CONTENT_NOT_FOUND` when the bundle has nothing for it, `ERR_USAGE_INVALID` when the certificate is missing
 */
export function renderOpenshift(kind: OpenshiftKind, site: OpenshiftSite): Rendered {
  const files = FILES[kind](site);
  if (files.length === 0) throw nothing(kind, site);
  return { files, findings: kind === 'install-config' || kind === 'pull-secret' ? [writersAway(site)] : [] };
}

const FILES: Readonly<Record<OpenshiftKind, (site: OpenshiftSite) => readonly ConfigFile[]>> = {
  icsp: mirrorSetOf('icsp'),
  idms: mirrorSetOf('idms'),
  itms: mirrorSetOf('itms'),
  'install-config': (site) => (site.releases.length === 0 ? [] : [installConfig(site)]),
  'pull-secret': ({ host }) => [{ path: 'pull-secret.json', text: `${pullSecretOf(host)}\n` }],
  'signature-configmap': signatureConfigMaps,
  'openshift-ca': ({ host, certificate }) => {
    if (certificate === undefined) throw noCertificate();
    return [certificateObjects(host, certificate)];
  },
  samples: (site) => [samplesConfig(site)],
  'catalog-source': catalogSources,
};

function mirrorSetOf(kind: MirrorSetKind): (site: OpenshiftSite) => readonly ConfigFile[] {
  return (site) => (site.mirrors.length === 0 ? [] : [mirrorSet(kind, site)]);
}

/** The installer puts the pull secret on every node, where every user of the cluster can come by it. */
export function writersAway({ host }: Pick<OpenshiftSite, 'host'>): Finding {
  return {
    level: 'warning',
    message: `The pull secret goes to every node: its credentials for "${host}" must be read-only`,
    hint: 'Keep credentials that can push in the file that "bundle install" reads (Docker’s config.json), and never in install-config.yaml.',
  };
}

function nothing(kind: OpenshiftKind, { name }: OpenshiftSite): SaddlebagError {
  return new SaddlebagError(
    'ERR_CONTENT_NOT_FOUND',
    `Cannot write "${kind}": the bundle "${name}" has nothing for it`,
    {
      hint: 'See what it holds with "bundle inspect".',
    },
  );
}

function noCertificate(): SaddlebagError {
  return new SaddlebagError('ERR_USAGE_INVALID', 'Cannot write "openshift-ca": no certificate is given', {
    hint: 'Give the PEM certificate of the authority that signed the registry’s with --ca-file.',
  });
}
