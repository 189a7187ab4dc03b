import { dirname } from 'node:path';
import type { Finding } from '../../internal/finding.ts';
import { registriesWarnings } from './check.ts';
import { type Decoded, decodeYaml } from '../yaml/decode.ts';
import { type Environment, expandCredentials } from './expand-credentials.ts';
import { registriesSource } from './source.ts';
import { resolveCertificates } from './resolve-certificates.ts';
import { type Registries, registriesSchema } from './schema.ts';
import { readTextFile } from '../../disk/read-text.ts';

/**
 * Decodes a `registries.yaml`. K3s silently skips unknown keys; here each is an error with the key, its line and the nearest
 * known key.
 *
 * @throws `ERR_REGISTRIES_INVALID` with every problem
 *
 * @visibleForTesting
 */
export function parseRegistries(text: string, file: string): Decoded<Registries> {
  return decodeYaml(registriesSchema, text, registriesSource(file));
}

/**
 * Returns a `registries.yaml` ready for use: `${ENV}` in its credentials expanded, and certificate paths resolved against its
 * folder.
 *
 * @throws `ERR_REGISTRIES_INVALID`, `ERR_CREDENTIALS_INVALID` when a variable is not set
 */
export async function readRegistries(
  path: string,
  options: {
    readonly env: Environment;
    readonly signal?: AbortSignal | undefined;
    /** Receives what K3s would read differently from what seems intended. */
    readonly onFinding?: ((finding: Finding) => void) | undefined;
  },
): Promise<Registries> {
  const text = await readTextFile(path, registriesSource(path), options);
  const { value, placeOf } = parseRegistries(text, path);
  for (const finding of registriesWarnings(value, placeOf)) options.onFinding?.(finding);
  return resolveCertificates(expandCredentials(value, { env: options.env, placeOf }), dirname(path));
}
