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
 * Returns a `registries.yaml`, decoded. K3s passes over a key it does not know without a word; here it is an error that
 * names the key, its line and the nearest known one.
 *
 * @throws `ERR_REGISTRIES_INVALID` with every problem
 */
export function parseRegistries(text: string, file: string): Decoded<Registries> {
  return decodeYaml(registriesSchema, text, registriesSource(file));
}

/**
 * Returns a `registries.yaml` ready for use: `${ENV}` in its credentials expanded, the paths of its certificates taken
 * from the folder it is in.
 *
 * @throws `ERR_REGISTRIES_INVALID`, `ERR_CREDENTIALS_INVALID` when a variable is not set
 */
export async function readRegistries(
  path: string,
  options: {
    readonly env: Environment;
    readonly signal?: AbortSignal | undefined;
    /** Told of what K3s would take otherwise than it seems to be meant. */
    readonly onFinding?: ((finding: Finding) => void) | undefined;
  },
): Promise<Registries> {
  const text = await readTextFile(path, registriesSource(path), options);
  const { value, placeOf } = parseRegistries(text, path);
  for (const finding of registriesWarnings(value, placeOf)) options.onFinding?.(finding);
  return resolveCertificates(expandCredentials(value, { env: options.env, placeOf }), dirname(path));
}
