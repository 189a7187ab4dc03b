import { openCarried } from '../bundle/carrier/carrier.ts';
import { Handles } from '../internal/handles.ts';
import type { RegistrySettings } from '../registry/settings/settings.ts';
import { readRegistries } from '../spec/registries/read.ts';
import { type BundleOpener, type CarrierWish, parseCarrierName } from './carrier.ts';
import { connect } from './connect.ts';
import type { Ears } from './ears.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Returns what opens bundles in registries for one run of a verb. The network is set up when the first one is opened. Throws what
 * `openCarried` throws.
 */
export function carriedOpener(
  wish: CarrierWish,
  surroundings: Surroundings,
  { signal: stop, onFinding, onNetwork }: Ears = {},
): BundleOpener {
  const { registriesFile, caFile } = wish;
  const { env } = surroundings;
  let settings: Promise<RegistrySettings | undefined> | undefined;
  const readSettings = async (): Promise<RegistrySettings | undefined> =>
    registriesFile === undefined
      ? undefined
      : await readRegistries(registriesFile, { env, signal: stop, onFinding });
  return async (path, { trust, signal = stop } = {}) => {
    const { host, repository, tagOrDigest } = parseCarrierName(path);
    settings ??= wish.settings === undefined ? readSettings() : Promise.resolve(wish.settings);
    await using handles = new Handles();
    const network = handles.use(
      connect({ settings: await settings, caFile }, surroundings, { signal, onFinding, onNetwork }),
    );
    const registry = surroundings.openRegistry?.(host) ?? network.registries.open(host);
    const from = registry.repository(repository);
    const bundle = handles.use(await openCarried({ path, from, tagOrDigest }, { trust, signal }));
    const open = handles.move();
    return { ...bundle, [Symbol.asyncDispose]: async () => await open[Symbol.asyncDispose]() };
  };
}
