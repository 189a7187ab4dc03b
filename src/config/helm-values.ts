import { encodeYaml } from './encode-yaml.ts';
import { type ConfigFile, type Site, systemDefaultRegistry } from './site.ts';

export interface ChartOptions {
  /** Tag of Rancher's image; the chart's own when left out. */
  readonly rancherTag?: string | undefined;
  /** `v1.15.3`; a recent one is assumed when left out. */
  readonly certManagerVersion?: string | undefined;
  /** Name that Rancher is reached by. */
  readonly hostname?: string | undefined;
}

/** Returns the values of the charts of Rancher and cert-manager, one file each. */
export function helmValues(site: Site, options: ChartOptions): readonly ConfigFile[] {
  return [
    chartFile('rancher', rancherValues(site, options)),
    chartFile('cert-manager', certManagerValues(site, options.certManagerVersion)),
  ];
}

/** The document marker keeps the two apart when they are printed together. */
function chartFile(chart: string, values: object): ConfigFile {
  const path = `${chart}-values.yaml`;
  const head = `---\n# helm install ${chart} ${chart}-VERSION.tgz --values ${path}\n`;
  return { path, text: `${head}${encodeYaml(values)}` };
}

/** `rancherImage` is what old charts know, and new ones prefer to `image`. */
function rancherValues(site: Site, { rancherTag, hostname }: ChartOptions): object {
  return {
    ...(hostname === undefined ? {} : { hostname }),
    rancherImage: `${site.host}/${site.repositoryOf('docker.io/rancher/rancher')}`,
    ...(rancherTag === undefined ? {} : { rancherImageTag: rancherTag }),
    systemDefaultRegistry: systemDefaultRegistry(site),
    useBundledSystemChart: true,
  };
}

/** `repository` is known to every version of the chart, and newer ones prefer it to `imageRegistry`; the tag is the chart's. */
function certManagerValues(site: Site, version: string | undefined): object {
  const place = (name: string): string =>
    `${site.host}/${site.repositoryOf(`quay.io/jetstack/cert-manager-${name}`)}`;
  const imageOf = (name: string): object => ({ image: { repository: place(name) } });
  return {
    ...imageOf('controller'),
    webhook: imageOf('webhook'),
    cainjector: imageOf('cainjector'),
    ...(isBefore(version, 5)
      ? {}
      : { startupapicheck: imageOf(isBefore(version, 14) ? 'ctl' : 'startupapicheck') }),
    // No pod of the chart has this image: the controller starts it by name, which before v1.11 is an argument only.
    ...(version !== undefined && isBefore(version, 11)
      ? { extraArgs: [`--acme-http01-solver-image=${place('acmesolver')}:${version}`] }
      : { acmesolver: imageOf('acmesolver') }),
  };
}

/** Tells whether a version is before `v1.MINOR`. */
function isBefore(version: string | undefined, minor: number): boolean {
  const [, major, found] = /^v?(\d+)\.(\d+)/.exec(version ?? '') ?? [];
  if (major === undefined) return false;
  return Number(major) < 1 || (Number(major) === 1 && Number(found) < minor);
}
