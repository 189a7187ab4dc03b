import type { buildBundle } from '../verbs/build.ts';
import type { checkRegistriesFile } from '../steps/check-registries.ts';
import type { writeConfig } from '../verbs/config.ts';
import type { convertBundle } from '../verbs/convert.ts';
import type { diffBundles } from '../verbs/diff.ts';
import type { inspectBundle } from '../verbs/inspect.ts';
import type { InstallOptions, InstallResult } from '../verbs/install.ts';
import type { generateKeys } from '../verbs/keygen.ts';
import type { lockSpec } from '../verbs/lock.ts';
import type { repairBundle } from '../verbs/repair.ts';
import type { serveBundles } from '../verbs/serve.ts';
import type { signBundle } from '../verbs/sign.ts';
import type { UninstallOptions, UninstallResult } from '../verbs/uninstall.ts';
import type { verifyBundle } from '../verbs/verify.ts';

/** What the product can do, as the commands call it. */
export interface Verbs {
  readonly build: typeof buildBundle;
  readonly lock: typeof lockSpec;
  readonly convert: typeof convertBundle;
  readonly config: typeof writeConfig;
  readonly checkRegistries: typeof checkRegistriesFile;
  readonly keygen: typeof generateKeys;
  readonly sign: typeof signBundle;
  readonly verify: typeof verifyBundle;
  readonly serve: typeof serveBundles;
  readonly inspect: typeof inspectBundle;
  readonly diff: typeof diffBundles;
  readonly repair: typeof repairBundle;
  readonly install: (
    options: Omit<InstallOptions, 'registrySettings'> & {
      /** A registries file with certificates and credentials. */
      readonly registriesFile?: string | undefined;
    },
  ) => Promise<InstallResult>;
  readonly uninstall: (
    receipt: string,
    options: Omit<UninstallOptions, 'registrySettings'> & {
      /** A registries file with certificates and credentials. */
      readonly registriesFile?: string | undefined;
    },
  ) => Promise<UninstallResult>;
}
