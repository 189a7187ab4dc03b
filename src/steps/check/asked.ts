import { SaddlebagError } from '../../internal/error.ts';
import { type Naming, targetReference } from '../../oci/naming.ts';
import { parseReference } from '../../oci/reference.ts';
import type { Registry } from '../../oci/roles.ts';
import { type AskedRepository, mirroredNames } from '../../registry/client.ts';
import { pushSettings } from '../../registry/settings/push-settings.ts';
import { canonicalHost, type RegistrySettings } from '../../registry/settings/settings.ts';
import { readRegistries } from '../../spec/registries/read.ts';
import { parseRegistryAddress } from '../../targets/registry/address.ts';
import { connect } from '../connect.ts';
import type { Ears } from '../ears.ts';
import type { Surroundings } from '../surroundings.ts';
import type { FutureRegistry } from './bundle-holding.ts';
import type { Wanted } from './wanted.ts';

/** Where a cluster is going to look for images, and how to look there. */
export interface FarSideWish {
  /** Registries over there, `HOST[:PORT][/PREFIX]`. */
  readonly registries?: readonly string[] | undefined;
  /** How an install names images there; `rancher` when left out. */
  readonly naming?: Naming | undefined;
  /** Path of the `registries.yaml` of the nodes: their mirrors and rewrites, and the credentials to look with. */
  readonly registriesFile?: string | undefined;
  /** Path of a PEM file with certificate authorities to trust at every host, besides those of this machine. */
  readonly caFile?: string | undefined;
}

/** The other side as far as it is known. */
export interface FarSide extends AsyncDisposable {
  /** Registries that are asked. */
  readonly registries: readonly FutureRegistry[];
  /** Every registry that a bundle may be installed into. */
  readonly future: (more: readonly string[]) => readonly FutureRegistry[];
  /** Returns where nodes ask for an image, besides its own registry. */
  readonly askedAt: (wanted: Wanted) => readonly AskedRepository[];
  readonly open: (host: string) => Registry;
}

/**
 * Reads what is said of the other side. Registries are asked by the names alone that nodes ask them by: no mirror and no public
 * registry is.
 *
 * @throws what `readRegistries` and `parseRegistryAddress` throw
 */
export async function farSide(
  wish: FarSideWish,
  surroundings: Surroundings,
  { signal, onFinding, onNetwork }: Ears = {},
): Promise<FarSide> {
  const { registriesFile, caFile, naming = 'rancher' } = wish;
  const { env } = surroundings;
  const settings =
    registriesFile === undefined
      ? undefined
      : await readRegistries(registriesFile, { env, signal, onFinding });
  const registries = (wish.registries ?? []).map((text) => ({ ...addressOf(text), naming }));
  const network = connect({ settings: pushSettings(settings), caFile }, surroundings, {
    signal,
    onFinding,
    onNetwork,
  });
  return {
    registries,
    future: (more) => {
      const own = new Set(registries.map(({ host }) => host));
      const hosts = [...more, ...endpointHosts(settings)].map((host) => host.replace(/\/.*$/, ''));
      return [
        ...registries,
        ...hosts.filter((host) => !own.has(host)).map((host) => ({ host, prefix: '', naming })),
      ];
    },
    askedAt: ({ text, reference }) => {
      const parsed = parseReference(reference);
      if (settings !== undefined) return mirroredNames(parsed, settings);
      const isThere = registries.some(({ host }) => canonicalHost(host) === canonicalHost(parsed.registry));
      if (isThere) return [];
      return registries.map(({ host, prefix }) => ({
        host,
        // What is written decides: Rancher looks "busybox" and "library/busybox" up by different names.
        repository: targetReference(parsed.registry === 'docker.io' ? text : reference, naming, prefix)
          .repository,
      }));
    },
    open: surroundings.openRegistry ?? ((host) => network.registries.open(host)),
    [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
  };
}

function addressOf(text: string): ReturnType<typeof parseRegistryAddress> {
  if (!text.startsWith('embedded:')) return parseRegistryAddress(text);
  throw new SaddlebagError(
    'ERR_USAGE_INVALID',
    `Cannot ask ${JSON.stringify(text)}: a folder is no registry`,
    {
      hint: 'Serve it with "bundle serve", and name that address.',
    },
  );
}

function endpointHosts(settings: RegistrySettings | undefined): readonly string[] {
  const all = Object.keys(settings?.mirrors ?? {}).flatMap((registry) =>
    mirroredNames({ registry, repository: 'any' }, settings ?? {}).map(({ host }) => host),
  );
  return [...new Set(all)];
}
