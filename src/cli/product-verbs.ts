import { buildBundle } from '../build.ts';
import { checkRegistriesFile } from '../check-registries.ts';
import { writeConfig } from '../config.ts';
import { convertBundle } from '../convert.ts';
import { diffBundles } from '../diff.ts';
import { inspectBundle } from '../inspect.ts';
import { installBundle } from '../install.ts';
import { generateKeys } from '../keygen.ts';
import { lockSpec } from '../lock.ts';
import { readRegistries } from '../read-registries.ts';
import { repairBundle } from '../repair.ts';
import { serveBundles } from '../serve.ts';
import { signBundle } from '../sign.ts';
import { uninstall } from '../uninstall.ts';
import { verifyBundle } from '../verify.ts';
import type { Verbs } from './verbs.ts';

/** The verbs of the product itself. */
export const productVerbs: Verbs = {
  build: buildBundle,
  lock: lockSpec,
  convert: convertBundle,
  config: writeConfig,
  checkRegistries: checkRegistriesFile,
  keygen: generateKeys,
  sign: signBundle,
  inspect: inspectBundle,
  diff: diffBundles,
  repair: repairBundle,
  verify: verifyBundle,
  serve: serveBundles,
  install: async ({ registriesFile, ...options }) => {
    const { env, signal, onFinding } = options;
    if (registriesFile === undefined) return await installBundle(options);
    const registrySettings = await readRegistries(registriesFile, { env, signal, onFinding });
    return await installBundle({ ...options, registrySettings });
  },
  uninstall: async (receipt, { registriesFile, ...options }) => {
    const { env, signal, onFinding } = options;
    if (registriesFile === undefined) return await uninstall(receipt, options);
    const registrySettings = await readRegistries(registriesFile, { env, signal, onFinding });
    return await uninstall(receipt, { ...options, registrySettings });
  },
};
