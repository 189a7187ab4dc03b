import { buildBundle } from '../verbs/build.ts';
import { checkRegistriesFile } from '../steps/check-registries.ts';
import { writeConfig } from '../verbs/config.ts';
import { convertBundle } from '../verbs/convert.ts';
import { diffBundles } from '../verbs/diff.ts';
import { inspectBundle } from '../verbs/inspect.ts';
import { installBundle } from '../verbs/install.ts';
import { generateKeys } from '../verbs/keygen.ts';
import { lockSpec } from '../verbs/lock.ts';
import { readRegistries } from '../verbs/read-registries.ts';
import { repairBundle } from '../verbs/repair.ts';
import { serveBundles } from '../verbs/serve.ts';
import { signBundle } from '../verbs/sign.ts';
import { uninstall } from '../verbs/uninstall.ts';
import { verifyBundle } from '../verbs/verify.ts';
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
