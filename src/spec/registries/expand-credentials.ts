import { SaddlebagError } from '../../internal/error.ts';
import { formatCount } from '../../internal/format.ts';
import { ProblemsError } from '../../internal/problems.ts';
import { formatPath, formatPlace, type Path, type Place } from '../yaml/place.ts';
import type { Registries, RegistryConfig } from './schema.ts';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/**
 * Returns registries with `${NAME}` in the values under `auth` replaced by environment variables. Nothing else is touched,
 * because a pattern under `rewrite` may contain the same characters.
 *
 * @throws `ERR_CREDENTIALS_INVALID` with the name and place of every variable that is not set, never with a value
 */
export function expandCredentials(
  registries: Registries,
  options: { readonly env: Environment; readonly placeOf: (path: Path) => Place },
): Registries {
  const problems: SaddlebagError[] = [];
  const expand = (text: string, path: Path): string =>
    text.replace(VARIABLE, (_, name: string) => {
      const value = options.env[name];
      if (value === undefined)
        problems.push(notSet(name, formatPath(path), formatPlace(options.placeOf(path))));
      return value ?? '';
    });
  const configs = mapValues(registries.configs ?? {}, (config, host) => expandConfig(config, host, expand));
  if (problems.length > 0) {
    const count = formatCount(problems.length, 'variable is', 'variables are');
    throw new ProblemsError('ERR_CREDENTIALS_INVALID', `Cannot read credentials: ${count} not set`, {
      problems,
    });
  }
  return registries.configs === undefined ? registries : { ...registries, configs };
}

function expandConfig(
  config: RegistryConfig,
  host: string,
  expand: (text: string, path: Path) => string,
): RegistryConfig {
  if (config.auth === undefined) return config;
  const auth = mapValues(config.auth, (text, key) =>
    text === undefined ? undefined : expand(text, ['configs', host, 'auth', key]),
  );
  return { ...config, auth };
}

function notSet(name: string, key: string, place: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_CREDENTIALS_INVALID',
    `Cannot read "${key}" at ${place}: the environment variable "${name}" is not set`,
    { hint: `Set ${name}, for example with: export ${name}=…` },
  );
}

function mapValues<V, R>(
  record: Readonly<Record<string, V>>,
  map: (value: V, key: string) => R,
): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
