import { resolve } from 'node:path';
import type { Registries, RegistryConfig } from './schema.ts';

/** Returns registries with the paths of certificates and keys resolved against `folder`, where the file is. */
export function resolveCertificates(registries: Registries, folder: string): Registries {
  const { configs } = registries;
  if (configs === undefined) return registries;
  const entries = Object.entries(configs).map(
    ([host, config]) => [host, resolveConfig(config, folder)] as const,
  );
  return { ...registries, configs: Object.fromEntries(entries) };
}

function resolveConfig(config: RegistryConfig, folder: string): RegistryConfig {
  if (config.tls === undefined) return config;
  const { ca_file: ca, cert_file: cert, key_file: key, ...rest } = config.tls;
  return {
    ...config,
    tls: {
      ...rest,
      ca_file: ca === undefined ? undefined : resolve(folder, ca),
      cert_file: cert === undefined ? undefined : resolve(folder, cert),
      key_file: key === undefined ? undefined : resolve(folder, key),
    },
  };
}
