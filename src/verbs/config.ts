import { dirname, isAbsolute, join, resolve } from 'node:path';
import {
  loadOpenshiftSite,
  loadSite,
  refuseControls,
  saveMergedSecret,
  type SiteWish,
} from '../steps/site/site.ts';
import {
  OPENSHIFT_KINDS,
  type OpenshiftKind,
  type Rendered,
  renderConfig,
  renderOpenshift,
  type SiteKind,
  writersAway,
} from '../config/render.ts';
import type { ConfigFile } from '../config/site.ts';
import { systemdUnit } from '../config/systemd-unit.ts';
import { SaddlebagError } from '../internal/error.ts';
import type { Finding } from '../internal/finding.ts';
import { parseReference } from '../oci/reference.ts';
import type { WaitOptions } from '../oci/roles.ts';
import { makeFolder } from '../disk/folder.ts';
import { place } from '../disk/place.ts';
import { isCarried, parseCarrierName } from '../steps/carrier.ts';
import type { Ears } from '../steps/ears.ts';
import type { Surroundings } from '../steps/surroundings.ts';

/** All kinds but the last point at a registry. */
export type ConfigKind = SiteKind | OpenshiftKind | 'systemd';

/** Which configuration to write. */
export interface ConfigWish extends SiteWish {
  readonly kind: ConfigKind;
  /** Tag of Rancher's image, with or without a `v`; taken from the bundle when left out. */
  readonly rancherVersion?: string | undefined;
  /** Version of cert-manager; taken from the bundle when left out. */
  readonly certManagerVersion?: string | undefined;
  /** Host name under which Rancher will be reached. */
  readonly hostname?: string | undefined;
  /** How systemd runs `bundle serve`. */
  readonly listen?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly htpasswd?: string | undefined;
  readonly key?: string | undefined;
  /** Path of `bundle` on the serving host. */
  readonly program?: string | undefined;
  /** A pull secret to add the registry's credentials to. */
  readonly merge?: string | undefined;
  /** Folder to write the files to. */
  readonly output?: string | undefined;
}

export interface ConfigResult {
  readonly kind: ConfigKind;
  readonly files: readonly ConfigFile[];
  readonly findings: readonly Finding[];
  /** Paths of the files that were written. */
  readonly written?: readonly string[] | undefined;
}

const PROGRAM = '/usr/local/bin/bundle';

/**
 * Returns the configuration for a node, a cluster or the host that serves a bundle. It never contains a password.
 *
 * @throws what `loadSite` throws; `ERR_USAGE_INVALID`; with `output`, also the errors of writing files
 */
export async function writeConfig(
  wish: ConfigWish,
  surroundings: Surroundings,
  ears: Ears = {},
): Promise<ConfigResult> {
  const { kind, output } = wish;
  const { signal } = ears;
  if (wish.merge !== undefined) return await mergePullSecret(wish, surroundings, { signal });
  const { files, findings } = isOpenshiftKind(kind)
    ? await clusterConfig(kind, wish, surroundings, ears)
    : kind === 'systemd'
      ? serviceConfig(wish)
      : await siteConfig(kind, wish, surroundings, ears);
  if (output === undefined) return { kind, files, findings };
  const written: string[] = [];
  for (const file of files) written.push(await writeFile(output, file, { signal }));
  return { kind, files, findings, written };
}

async function siteConfig(
  kind: SiteKind,
  wish: ConfigWish,
  surroundings: Surroundings,
  ears: Ears,
): Promise<Rendered> {
  const { hostname } = wish;
  refuseControls('--hostname', hostname);
  const { site, images, findings } = await loadSite(wish, surroundings, ears);
  const rendered = renderConfig(kind, site, {
    images,
    hostname,
    rancherTag:
      versionOf('--rancher-version', wish.rancherVersion) ?? tagOf('docker.io/rancher/rancher', images),
    certManagerVersion:
      versionOf('--cert-manager-version', wish.certManagerVersion) ??
      tagOf('quay.io/jetstack/cert-manager-controller', images),
  });
  return { ...rendered, findings: [...findings, ...rendered.findings] };
}

function isOpenshiftKind(kind: ConfigKind): kind is OpenshiftKind {
  return OPENSHIFT_KINDS.some((each) => each === kind);
}

async function clusterConfig(
  kind: OpenshiftKind,
  wish: ConfigWish,
  surroundings: Surroundings,
  ears: Ears,
): Promise<Rendered> {
  const { site, findings } = await loadOpenshiftSite(wish, surroundings, ears);
  const rendered = renderOpenshift(kind, site);
  return { ...rendered, findings: [...findings, ...rendered.findings] };
}

/** The result holds credentials, so it is only ever written to a file of this user. */
async function mergePullSecret(
  wish: ConfigWish,
  surroundings: Surroundings,
  { signal }: WaitOptions,
): Promise<ConfigResult> {
  const { kind, merge = '', output, registry } = wish;
  if (kind !== 'pull-secret' || output === undefined || registry === undefined)
    throw new SaddlebagError(
      'ERR_USAGE_INVALID',
      'Cannot merge a pull secret: --merge is for "pull-secret", and needs --registry and --output',
      { hint: `Write: bundle config pull-secret --merge ${merge} --registry HOST[:PORT] -o DIR` },
    );
  const { path, host } = await saveMergedSecret({ merge, output, registry }, surroundings, { signal });
  return { kind, files: [], findings: [writersAway({ host })], written: [path] };
}

/** Both projects tag their images with a `v`, and their charts without. */
function versionOf(flag: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (/^v?\d[\w.-]{0,126}$/.test(text)) return text.startsWith('v') ? text : `v${text}`;
  throw new SaddlebagError(
    'ERR_USAGE_INVALID',
    `Cannot use ${flag} ${JSON.stringify(text)}: it is not a version`,
    {
      hint: 'Write for example v2.9.2.',
    },
  );
}

/** When a bundle has several versions, the user must say which one is meant. */
function tagOf(name: string, images: readonly string[]): string | undefined {
  const tags = images
    .map((image) => parseReference(image))
    .filter(({ registry, repository }) => `${registry}/${repository}` === name)
    .map(({ tag }) => tag);
  return tags.length === 1 ? tags[0] : undefined;
}

function serviceConfig(wish: ConfigWish): Rendered {
  const { bundle, listen, tlsCert, tlsKey, htpasswd, key, registriesFile, program = PROGRAM } = wish;
  if (bundle === undefined)
    throw new SaddlebagError('ERR_USAGE_INVALID', 'Cannot write "systemd": no bundle is given', {
      hint: 'Give the one to be served with --bundle.',
    });
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new SaddlebagError(
      'ERR_USAGE_INVALID',
      'Cannot write "systemd": --tls-cert and --tls-key go together',
    );
  refuseControls('--listen', listen);
  const unit = systemdUnit({
    bundle: isCarried(bundle) ? carriedName(bundle) : servedPath('--bundle', bundle),
    program: servedPath('--program', program),
    listen,
    tls:
      tlsCert === undefined || tlsKey === undefined
        ? undefined
        : { cert: servedPath('--tls-cert', tlsCert), key: servedPath('--tls-key', tlsKey) },
    htpasswd: htpasswd === undefined ? undefined : servedPath('--htpasswd', htpasswd),
    key: key === undefined ? undefined : servedPath('--key', key),
    registriesFile: registriesFile === undefined ? undefined : servedPath('--registries', registriesFile),
  });
  return { files: [unit], findings: [] };
}

/** @throws `ERR_REFERENCE_INVALID` */
function carriedName(bundle: string): string {
  return `oci://${parseCarrierName(bundle).reference}`;
}

/** A systemd unit has no working directory, so paths must be absolute. */
function servedPath(flag: string, path: string): string {
  refuseControls(flag, path);
  return isAbsolute(path) ? path : resolve(path);
}

async function writeFile(folder: string, { path, text }: ConfigFile, options: WaitOptions): Promise<string> {
  const file = join(folder, path);
  await makeFolder(dirname(file));
  await place(file, text, { mode: 0o644, kind: 'target', signal: options.signal });
  return file;
}
