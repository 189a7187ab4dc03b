import { checkWithCertificates } from '../spec/registries/check.ts';
import type { PlacedFinding } from '../spec/registries/placed-finding.ts';
import { registriesSource } from '../spec/registries/source.ts';
import { readTextFile } from '../disk/read-text.ts';
import type { Ears } from '../steps/ears.ts';
import type { Surroundings } from '../steps/surroundings.ts';

/** What to check. */
export interface CheckRegistriesWish {
  /** A `registries.yaml`. */
  readonly path: string;
}

/** How K3s interprets a `registries.yaml`. */
export interface RegistriesReport {
  readonly path: string;
  /** False when K3s would ignore or refuse some of it. */
  readonly ok: boolean;
  readonly findings: readonly PlacedFinding[];
}

/**
 * Reads a `registries.yaml` as K3s does, and reports what K3s would silently ignore, with the certificates and keys on this host
 * that it could not use.
 *
 * @throws `ERR_REGISTRIES_INVALID` when the file cannot be read
 */
export async function checkRegistriesFile(
  { path }: CheckRegistriesWish,
  _surroundings: Surroundings,
  { signal }: Ears = {},
): Promise<RegistriesReport> {
  const text = await readTextFile(path, registriesSource(path), { signal });
  const findings = await checkWithCertificates(text, path);
  return { path, ok: findings.every(({ level }) => level !== 'error'), findings };
}
