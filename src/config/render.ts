import { SaddlebagError } from '../internal/error.ts';
import type { Finding } from '../internal/finding.ts';
import { daemonJson } from './daemon-json.ts';
import { type ChartOptions, helmValues } from './helm-values.ts';
import { hostsToml } from './hosts-toml.ts';
import { rancherDocker } from './rancher-docker.ts';
import { registriesYaml } from './registries-yaml.ts';
import { rke } from './rke.ts';
import type { Rendered, Site } from './site.ts';
import { unreachableImages } from './unreachable.ts';

export {
  type CatalogAtSite,
  mergedPullSecret,
  OPENSHIFT_KINDS,
  type OpenshiftKind,
  type OpenshiftSite,
  type ReleaseAtSite,
  renderOpenshift,
  type RepositoryMirror,
  signatureConfigMaps,
  writersAway,
} from './openshift/render.ts';
export type { Rendered } from './site.ts';

/** A kind of configuration that points at a registry. */
export type SiteKind =
  | 'registries.yaml'
  | 'hosts.toml'
  | 'daemon.json'
  | 'rancher-docker'
  | 'rke'
  | 'helm-values';

export interface RenderOptions extends ChartOptions {
  /** Full references of the images that nodes will request, as far as they are known. */
  readonly images?: readonly string[] | undefined;
}

/**
 * Returns the configuration of a kind for a registry, and what it cannot express.
 *
 * @throws `ERR_USAGE_INVALID` for `rancher-docker` when no version is known
 */
export function renderConfig(kind: SiteKind, site: Site, options: RenderOptions = {}): Rendered {
  return RENDERERS[kind](site, options);
}

type Renderer = (site: Site, options: RenderOptions) => Rendered;

const RENDERERS: Readonly<Record<SiteKind, Renderer>> = {
  'registries.yaml': (site, { images = [] }) => ({
    files: [registriesYaml(site)],
    findings: [...addressFinding(site), ...unreachableImages(images, site, { name: 'K3s', canRename: true })],
  }),
  'hosts.toml': (site, { images = [] }) => ({
    files: hostsToml(site),
    findings: unreachableImages(images, site, { name: 'containerd', canRename: false }),
  }),
  'daemon.json': renderDaemon,
  'rancher-docker': (site, { rancherTag }) => {
    if (rancherTag === undefined) throw noVersion();
    if (site.caFile?.includes(':') === true) throw noVolume(site.caFile);
    return { files: [rancherDocker(site, { tag: rancherTag })], findings: [] };
  },
  rke: (site) => ({ files: [rke(site)], findings: [] }),
  'helm-values': (site, options) => ({
    files: helmValues(site, options),
    findings: hostnameFinding(options),
  }),
};

/** K3s makes the endpoint a TOML table name, which containerd before 2.0 ends at the first `]` (k3s-io/k3s#9897). */
function addressFinding({ host }: Site): readonly Finding[] {
  if (!host.startsWith('[')) return [];
  return [
    {
      level: 'warning',
      message: `K3s with containerd before 2.0 drops every mirror whose endpoint is an IPv6 address, such as "${host}"`,
      hint: 'Give the registry a name, in DNS or in /etc/hosts, and name it with --registry.',
    },
  ];
}

/** Where Docker accepts no mirror at all, a warning about single images adds nothing. */
function renderDaemon(site: Site, { images = [] }: RenderOptions): Rendered {
  const { file, hasMirror, findings } = daemonJson(site);
  const ofHub = hasMirror ? images.filter((image) => image.startsWith('docker.io/')) : [];
  const lost = unreachableImages(ofHub, site, { name: 'Docker', canRename: false });
  return { files: [file], findings: [...findings, ...lost] };
}

function hostnameFinding({ hostname }: ChartOptions): readonly Finding[] {
  if (hostname !== undefined) return [];
  const message = "Rancher's chart needs a host name, and these values have none";
  return [{ level: 'warning', message, hint: 'Give it with --hostname, or give helm "--set hostname=…".' }];
}

function noVersion(): SaddlebagError {
  return new SaddlebagError(
    'ERR_USAGE_INVALID',
    'Cannot write "rancher-docker": the version of Rancher is not known',
    { hint: 'Give --rancher-version, for example v2.9.2, or a --bundle with one version of Rancher in it.' },
  );
}

/** Docker's `-v` has no escape for a colon. */
function noVolume(path: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_USAGE_INVALID',
    `Cannot mount ${JSON.stringify(path)}: a colon in it would end the path`,
    { hint: 'Give the certificate another name.' },
  );
}
