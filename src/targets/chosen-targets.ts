import { resolve } from 'node:path';
import type { Bundle } from '../bundle/bundle.ts';
import { SaddlebagError } from '../internal/error.ts';
import type { Digest } from '../oci/digest.ts';
import type { Naming } from '../oci/naming.ts';
import type { Registry } from '../oci/roles.ts';
import { sharedFetcher } from '../oci/shared-fetcher.ts';
import { embeddedTarget } from './embedded/embedded.ts';
import { filesTarget, plainItems } from './files/files.ts';
import { type HostEnvironment, kuberlrFolder, rancherDesktopCache } from './host-paths.ts';
import { k3sNodeTarget, nodeItems } from './k3s-node/k3s-node.ts';
import { clientItems } from './kuberlr/clients.ts';
import { kuberlrTarget } from './kuberlr/kuberlr.ts';
import { sudoInvoker } from '../disk/owner.ts';
import { desktopItems, rancherDesktopTarget } from './rancher-desktop/rancher-desktop.ts';
import { parseRegistryAddress } from './registry/address.ts';
import { registryItems } from './registry/images.ts';
import { registryTarget } from './registry/registry.ts';
import type { RewriteRule } from './registry/rewrite-rule.ts';
import type { Target, TargetName } from './target.ts';

/** Which targets a user names, and where. With none named, all that fit this host are meant. */
export interface TargetChoice {
  /** `HOST[:PORT][/PREFIX]` each; `embedded:DIR` is a folder that `bundle serve` serves. */
  readonly registries?: readonly string[] | undefined;
  /** True for the cache of this user. */
  readonly rancherDesktop?: boolean | string | undefined;
  /** True for `~/.kuberlr` of this user. */
  readonly kuberlr?: boolean | string | undefined;
  /** True for `/`. */
  readonly k3sNode?: boolean | string | undefined;
  /** Release for the node; the highest of the bundle when left out. */
  readonly k3sVersion?: string | undefined;
  readonly files?: string | undefined;
  readonly naming?: Naming | undefined;
  /** On top of the naming. */
  readonly rewrites?: readonly RewriteRule[] | undefined;
  /** Leaves it to others to make the projects that a registry wants. */
  readonly keepSpaces?: boolean | undefined;
}

/** What the targets are made with. */
export interface TargetContext {
  /** This host. */
  readonly host: HostEnvironment;
  /** The host that the bundle is installed for: this one, or another whose directories are named. */
  readonly platform: { readonly os: string; readonly architecture: string };
  readonly registryAt: (host: string) => Registry;
  /** Returns a repository of a registry that is known to have a blob. */
  readonly mountFrom?: ((host: string, digest: Digest) => string | undefined) | undefined;
  /** Names of images beside which nothing that is missing at a registry is pushed. */
  readonly only?: ReadonlySet<string> | undefined;
}

/** What stands before a folder where a registry could be named. */
const EMBEDDED = 'embedded:';
/** Where images go when nobody says where. */
const DEFAULT_REGISTRY = 'localhost:5000';
const DEFAULT_REGISTRY_HINT =
  'Start a registry there, name yours with --registry HOST[:PORT][/PREFIX], fill a folder for "bundle serve" with --registry embedded:DIR, or name only the targets you want, such as --rancher-desktop --kuberlr.';

/**
 * Returns the targets that were named; or, when none was, those of this user that the bundle holds something for.
 *
 * @throws `ERR_USAGE_INVALID`; `ERR_CONTENT_NOT_FOUND` when the bundle holds nothing for a named target, or for any
 */
export function chosenTargets(
  bundle: Bundle,
  choice: TargetChoice,
  context: TargetContext,
): readonly Target[] {
  const named = namedTargets(choice);
  if (named.size === 0) return defaultTargets(bundle, choice, context);
  for (const name of named) requireContent(bundle, name, context);
  return [...named].flatMap((name) => makeTargets(bundle, name, { ...context, choice }));
}

function namedTargets(choice: TargetChoice): ReadonlySet<TargetName> {
  const { registries = [], rancherDesktop, kuberlr, k3sNode, files } = choice;
  const named: readonly [TargetName, boolean][] = [
    ['rancher-desktop', isNamed(rancherDesktop)],
    ['kuberlr', isNamed(kuberlr)],
    ['k3s-node', isNamed(k3sNode)],
    ['files', isNamed(files)],
    ['embedded', registries.some(isEmbedded)],
    ['registry', !registries.every(isEmbedded)],
  ];
  return new Set(named.filter(([, isWanted]) => isWanted).map(([name]) => name));
}

function isEmbedded(registry: string): boolean {
  return registry.startsWith(EMBEDDED);
}

function isNamed(choice: boolean | string | undefined): boolean {
  return choice !== undefined && choice !== false;
}

/** A node's root and a folder for files are nobody's default: those are named or left alone. */
function defaultTargets(bundle: Bundle, choice: TargetChoice, context: TargetContext): readonly Target[] {
  const names = (['rancher-desktop', 'kuberlr', 'registry'] as const).filter((name) =>
    holds(bundle, name, context),
  );
  if (names.length === 0) {
    const { os, architecture } = context.platform;
    throw new SaddlebagError(
      'ERR_CONTENT_NOT_FOUND',
      `Cannot install "${bundle.path}": it holds nothing for Rancher Desktop or kuberlr on ${os}/${architecture}, and no images`,
      {
        hint: 'Look into it with "bundle inspect", and name a target: --files DIR, --k3s-node, or --host-platform.',
      },
    );
  }
  return names.flatMap((name) => makeTargets(bundle, name, { ...context, choice }));
}

function holds(bundle: Bundle, name: TargetName, { platform }: TargetContext): boolean {
  const counts: Readonly<Record<TargetName, () => number>> = {
    'rancher-desktop': () => desktopItems(bundle, platform).length,
    kuberlr: () => clientItems(bundle, platform).length,
    'k3s-node': () => nodeItems(bundle, platform.architecture).length,
    files: () => plainItems(bundle).length,
    embedded: () => registryItems(bundle).length,
    registry: () => registryItems(bundle).length,
  };
  return counts[name]() > 0;
}

const HOLDINGS: Readonly<Record<TargetName, string>> = {
  'rancher-desktop': 'K3s for Rancher Desktop',
  kuberlr: 'kubectl for kuberlr',
  'k3s-node': 'K3s for a node',
  files: 'files',
  embedded: 'images',
  registry: 'images',
};

/** Someone who names a target counts on it; finding nothing for it in silence would look like success. */
function requireContent(bundle: Bundle, name: TargetName, context: TargetContext): void {
  if (holds(bundle, name, context)) return;
  const { os, architecture } = context.platform;
  const isForAll = name === 'files' || name === 'registry' || name === 'embedded';
  const place = isForAll ? '' : ` on ${os}/${architecture}`;
  throw new SaddlebagError(
    'ERR_CONTENT_NOT_FOUND',
    `Cannot install "${bundle.path}" to target "${name}": it holds no ${HOLDINGS[name]}${place}`,
    { hint: 'Look into it with "bundle inspect"; --host-platform chooses another platform.' },
  );
}

function makeTargets(
  bundle: Bundle,
  name: TargetName,
  context: TargetContext & { readonly choice: TargetChoice },
): readonly Target[] {
  const { choice, host, platform } = context;
  const { architecture } = platform;
  const invoker = sudoInvoker(host.env);
  const makers: Readonly<Record<TargetName, () => readonly Target[]>> = {
    'rancher-desktop': () => {
      const flag = { flag: '--rancher-desktop', own: rancherDesktopCache };
      const cache = folderFor(choice.rancherDesktop, context, flag);
      return [rancherDesktopTarget(bundle, { cache, platform, invoker })];
    },
    kuberlr: () => {
      const folder = folderFor(choice.kuberlr, context, { flag: '--kuberlr', own: kuberlrFolder });
      return [kuberlrTarget(bundle, { folder, platform, invoker })];
    },
    'k3s-node': () => {
      const root = folderFor(choice.k3sNode, context, { flag: '--k3s-node', own: nodeRoot });
      return [k3sNodeTarget(bundle, { root, architecture, version: choice.k3sVersion })];
    },
    files: () => [filesTarget(bundle, { folder: givenFolder(choice.files ?? '', '--files') })],
    embedded: () => {
      const chosen = (choice.registries ?? []).filter(isEmbedded);
      const folders = chosen.map((text) =>
        givenFolder(text.slice(EMBEDDED.length), '--registry embedded:DIR'),
      );
      return [...new Set(folders)].map((folder) => embeddedTarget(bundle, { folder, invoker }));
    },
    registry: () => registryTargets(bundle, context),
  };
  return makers[name]();
}

function registryTargets(
  bundle: Bundle,
  context: TargetContext & { readonly choice: TargetChoice },
): readonly Target[] {
  const { naming = 'rancher' } = context.choice;
  const registries = (context.choice.registries ?? []).filter((text) => !isEmbedded(text));
  const addresses = (registries.length === 0 ? [DEFAULT_REGISTRY] : [...new Set(registries)]).map(
    parseRegistryAddress,
  );
  const hint = registries.length === 0 ? DEFAULT_REGISTRY_HINT : undefined;
  const content = addresses.length > 1 ? sharedFetcher(bundle) : bundle;
  return addresses.map(({ host, prefix }) =>
    registryTarget(bundle, {
      registry: context.registryAt(host),
      prefix,
      naming,
      rewrites: context.choice.rewrites,
      keepSpaces: context.choice.keepSpaces,
      only: context.only,
      content,
      hint,
      mountFrom: (digest) => context.mountFrom?.(host, digest),
    }),
  );
}

/** Another system's directories cannot be worked out from here: whose home, whose drive? */
function folderFor(
  chosen: boolean | string | undefined,
  context: TargetContext,
  options: { readonly flag: string; readonly own: (host: HostEnvironment) => string | undefined },
): string {
  if (typeof chosen === 'string') return givenFolder(chosen, options.flag);
  const { host, platform } = context;
  const own = host.os === platform.os ? options.own(host) : undefined;
  if (own !== undefined) return own;
  throw new SaddlebagError(
    'ERR_USAGE_INVALID',
    `Cannot use ${options.flag} for ${platform.os}/${platform.architecture} on this ${host.os} host: no directory is given`,
    { hint: `Say where: ${options.flag}=DIR.` },
  );
}

/** A receipt outlives the working directory. An empty name is a variable that was not set. */
function givenFolder(text: string, flag: string): string {
  if (text !== '') return resolve(text);
  throw new SaddlebagError('ERR_USAGE_INVALID', `Cannot use ${flag}: its directory is empty`);
}

/** K3s runs on Linux only: elsewhere a node's disk is somewhere else. */
function nodeRoot(host: HostEnvironment): string | undefined {
  return host.os === 'linux' ? '/' : undefined;
}
