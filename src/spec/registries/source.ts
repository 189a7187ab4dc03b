import type { YamlSource } from '../yaml/decode.ts';

/** Returns how messages refer to a `registries.yaml`. */
export function registriesSource(file: string): YamlSource {
  return { file, what: 'registries file', code: 'ERR_REGISTRIES_INVALID' };
}
