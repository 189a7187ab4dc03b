import { SaddlebagError } from '../../internal/error.ts';
import type { Finding } from '../../internal/finding.ts';
import type { Naming } from '../../oci/naming.ts';
import { parseRegistryAddress, type RegistryAddress } from '../../targets/registry/address.ts';
import { lastRegistry } from '../last-registry.ts';
import type { OpenedInventory } from '../open-inventory.ts';

/** What the user says about the registry that nodes will use. */
export interface SiteWish {
  /** `HOST[:PORT][/PREFIX]`; the registry the bundle last went to when left out. */
  readonly registry?: string | undefined;
  /** How images are named; `rancher`, or what the receipt shows, when left out. */
  readonly naming?: Naming | undefined;
  /** User name at the registry. */
  readonly username?: string | undefined;
  /** Absolute path, on the nodes, of a private CA's certificate. */
  readonly caFile?: string | undefined;
  /** Whether the registry speaks plain HTTP; assumed for one on this host unless it has a `caFile`. */
  readonly plainHttp?: boolean | undefined;
  /** A bundle, or the receipt of an install, with the images that nodes will pull. */
  readonly bundle?: string | undefined;
  /** Path of a registries file with what it takes to reach a `bundle` in a registry from here. */
  readonly registriesFile?: string | undefined;
  /** Registry hosts to mirror, in place of those of the bundle. */
  readonly sources?: readonly string[] | undefined;
}

/**
 * Returns the registry of a wish, or the one that the bundle last went to, and how images are named there.
 *
 * @throws `ERR_USAGE_INVALID` when neither is known, or the address cannot be parsed
 */
export async function addressOf(
  wish: SiteWish,
  inventory: OpenedInventory | undefined,
  folder: string,
): Promise<{
  readonly address: RegistryAddress;
  readonly naming: Naming;
  /** Where a receipt says the images are; the naming may say otherwise. */
  readonly placed?: ReadonlyMap<string, string> | undefined;
  readonly findings: readonly Finding[];
}> {
  const { registry, naming, bundle } = wish;
  if (registry !== undefined)
    return { address: parseRegistryAddress(registry), naming: naming ?? 'rancher', findings: [] };
  const found =
    inventory === undefined || bundle === undefined
      ? undefined
      : await lastRegistry(bundle, inventory, { stateFolder: folder });
  if (found === undefined) throw noRegistry(bundle);
  return { ...found, naming: naming ?? found.naming ?? 'rancher' };
}

function noRegistry(bundle: string | undefined): SaddlebagError {
  const fact =
    bundle === undefined
      ? 'none is given'
      : `none is given, and no install of ${JSON.stringify(bundle)} to one is known on this host`;
  return new SaddlebagError('ERR_USAGE_INVALID', `Cannot write a configuration for a "registry": ${fact}`, {
    hint: 'Give it with --registry HOST[:PORT][/PREFIX].',
  });
}
