import type { YamlSource } from '../yaml/decode.ts';

/** Returns what messages about a `registries.yaml` call it. */
export function registriesSource(file: string): YamlSource {
  return { file, what: 'registries file', code: 'ERR_REGISTRIES_INVALID' };
}
