import type { Site } from '../../config/site.ts';
import { SaddlebagError } from '../../internal/error.ts';
import type { Finding } from '../../internal/finding.ts';
import { isLoopback, splitPort } from '../../internal/host.ts';
import { compareText } from '../../internal/order.ts';
import { parseReference } from '../../oci/reference.ts';
import { bundleOpener } from '../carrier.ts';
import type { Ears } from '../ears.ts';
import { openInventory } from '../open-inventory.ts';
import { addressOf, type SiteWish } from './wish.ts';
import { stateFolder } from '../../targets/host-paths.ts';
import { hostEnvironment, type Surroundings } from '../surroundings.ts';
import { targetReference } from '../../oci/naming.ts';
import { parseRegistryAddress } from '../../targets/registry/address.ts';

export { saveMergedSecret } from '../openshift/pull-secret.ts';
export { loadOpenshiftSite, releaseSignatures } from '../openshift/site.ts';
export type { SiteWish } from './wish.ts';

/** The registry that nodes will use, and what is known about the images. */
export interface LoadedSite {
  readonly site: Site;
  /** Full references. */
  readonly images: readonly string[];
  readonly findings: readonly Finding[];
}

/** The registries of Rancher and of what usually runs with it. */
const USUAL_SOURCES = [
  'docker.io',
  'gcr.io',
  'ghcr.io',
  'mcr.microsoft.com',
  'quay.io',
  'registry.k8s.io',
  'registry.suse.com',
];

/**
 * Works out the registry from the options, the bundle and the receipts of this host.
 *
 * @throws `ERR_USAGE_INVALID`, what `openInventory` throws
 */
export async function loadSite(
  wish: SiteWish,
  surroundings: Surroundings,
  ears: Ears = {},
): Promise<LoadedSite> {
  const { bundle, caFile, username, registriesFile } = wish;
  for (const [flag, text] of [
    ['--ca-file', caFile],
    ['--username', username],
  ] as const)
    refuseControls(flag, text);
  if (caFile !== undefined && !caFile.startsWith('/')) throw relativePath(caFile);
  const inventory =
    bundle === undefined
      ? undefined
      : await openInventory(bundle, {
          open: bundleOpener({ registriesFile }, surroundings, ears),
          signal: ears.signal,
        });
  const images = (inventory?.items ?? []).filter(({ kind }) => kind === 'image').map(({ name }) => name);
  const { address, naming, placed, findings } = await addressOf(
    wish,
    inventory,
    stateFolder(hostEnvironment(surroundings)),
  );
  // Chart values give the tag separately, so these names have none.
  const untagged =
    placed && new Map([...placed].map(([name, repository]) => [repositoryNameOf(name), repository]));
  const isLocal = isLoopback(splitPort(address.host).host);
  const isPlain = wish.plainHttp ?? (isLocal && caFile === undefined);
  const site: Site = {
    ...address,
    scheme: isPlain ? 'http' : 'https',
    caFile,
    username,
    sources: sourcesOf(wish.sources, images),
    images,
    repositoryOf: (reference) =>
      placed?.get(reference) ??
      untagged?.get(reference) ??
      targetReference(reference, naming, address.prefix).repository,
  };
  return { site, images, findings: [...findings, ...hostFindings(address.host, isLocal)] };
}

function repositoryNameOf(image: string): string {
  const { registry, repository } = parseReference(image);
  return `${registry}/${repository}`;
}

function sourcesOf(given: readonly string[] | undefined, images: readonly string[]): readonly string[] {
  if (given !== undefined && given.length > 0) return [...new Set(given.map(checkedSource))];
  if (images.length === 0) return USUAL_SOURCES;
  return [...new Set(images.map((image) => parseReference(image).registry))].sort(compareText);
}

function checkedSource(text: string): string {
  const { host, prefix } = parseRegistryAddress(text);
  const { registry } = parseReference(`${host}/any/any`);
  if (prefix === '' && (registry === host || host === 'index.docker.io')) return registry;
  throw new SaddlebagError(
    'ERR_USAGE_INVALID',
    `Cannot mirror ${JSON.stringify(text)}: it is not a host as references name it`,
    {
      hint: 'Write for example "docker.io" or "quay.io".',
    },
  );
}

/** Warns about names that mean something else on each node, or no host at all, before they reach the nodes. */
function hostFindings(host: string, isLocal: boolean): readonly Finding[] {
  if (isLocal)
    return [
      {
        level: 'warning',
        message: `"${host}" is another registry on every node, and no registry inside a container`,
        hint: 'Give the name that nodes reach the registry by.',
      },
    ];
  if (/[.:]/.test(host)) return [];
  return [
    {
      level: 'warning',
      message: `"${host}" has neither a dot nor a port, so a reference that begins with it is read as one of Docker Hub`,
      hint: `Give its full name, or a port: "${host}:443".`,
    },
  ];
}

/**
 * Refuses control characters: a line feed would end a comment or a line of a unit.
 *
 * @throws `ERR_USAGE_INVALID`
 */
export function refuseControls(flag: string, text: string | undefined): void {
  if (text === undefined || (text !== '' && !/\p{Cc}/u.test(text))) return;
  const fact = text === '' ? 'it is empty' : 'it has control characters in it';
  throw new SaddlebagError('ERR_USAGE_INVALID', `Cannot use ${flag} ${JSON.stringify(text)}: ${fact}`);
}

function relativePath(path: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_USAGE_INVALID',
    `Cannot use --ca-file ${JSON.stringify(path)}: it is not absolute`,
    {
      hint: 'Give the path that the certificate has on the nodes, for example /etc/ssl/lab/ca.crt.',
    },
  );
}
