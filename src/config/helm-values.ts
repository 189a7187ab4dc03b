import { encodeYaml } from './encode-yaml.ts';
import { type ConfigFile, type Site, systemDefaultRegistry } from './site.ts';

export interface ChartOptions {
  /** Tag of Rancher's image; defaults to the chart's own. */
  readonly rancherTag?: string | undefined;
  /** `v1.15.3`; defaults to a recent version. */
  readonly certManagerVersion?: string | undefined;
  /** Host name of Rancher. */
  readonly hostname?: string | undefined;
}

/** Returns the values files for the Rancher and cert-manager charts, one each. */
export function helmValues(site: Site, options: ChartOptions): readonly ConfigFile[] {
  return [
    chartFile('rancher', rancherValues(site, options)),
    chartFile('cert-manager', certManagerValues(site, options.certManagerVersion)),
  ];
}

/** The document marker separates the two when they are printed together. */
function chartFile(chart: string, values: object): ConfigFile {
  const path = `${chart}-values.yaml`;
  const head = `---\n# helm install ${chart} ${chart}-VERSION.tgz --values ${path}\n`;
  return { path, text: `${head}${encodeYaml(values)}` };
}

/** Old charts know only `rancherImage`, and new ones prefer it to `image`. */
function rancherValues(site: Site, { rancherTag, hostname }: ChartOptions): object {
  return {
    hostname,
    rancherImage: `${site.host}/${site.repositoryOf('docker.io/rancher/rancher')}`,
    rancherImageTag: rancherTag,
    systemDefaultRegistry: systemDefaultRegistry(site),
    useBundledSystemChart: true,
  };
}

/** Every version of the chart knows `repository`, and newer ones prefer it to `imageRegistry`; the tag is the chart's. */
function certManagerValues(site: Site, version: string | undefined): object {
  const place = (name: string): string =>
    `${site.host}/${site.repositoryOf(`quay.io/jetstack/cert-manager-${name}`)}`;
  const imageOf = (name: string): object => ({ image: { repository: place(name) } });
  const byArgument = version !== undefined && isBefore(version, 11);
  return {
    ...imageOf('controller'),
    webhook: imageOf('webhook'),
    cainjector: imageOf('cainjector'),
    startupapicheck: isBefore(version, 5)
      ? undefined
      : imageOf(isBefore(version, 14) ? 'ctl' : 'startupapicheck'),
    // No pod in the chart uses this image: the controller starts it by name, which before v1.11 could only be set by an
    // argument.
    extraArgs: byArgument ? [`--acme-http01-solver-image=${place('acmesolver')}:${version}`] : undefined,
    acmesolver: byArgument ? undefined : imageOf('acmesolver'),
  };
}

/** Returns whether a version is older than `v1.MINOR`. */
function isBefore(version: string | undefined, minor: number): boolean {
  const [, major, found] = /^v?(\d+)\.(\d+)/.exec(version ?? '') ?? [];
  if (major === undefined) return false;
  return Number(major) < 1 || (Number(major) === 1 && Number(found) < minor);
}
