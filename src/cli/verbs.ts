import type { buildBundle } from '../build.ts';
import type { checkRegistriesFile } from '../check-registries.ts';
import type { writeConfig } from '../config.ts';
import type { convertBundle } from '../convert.ts';
import type { diffBundles } from '../diff.ts';
import type { inspectBundle } from '../inspect.ts';
import type { InstallOptions, InstallResult } from '../install.ts';
import type { generateKeys } from '../keygen.ts';
import type { lockSpec } from '../lock.ts';
import type { repairBundle } from '../repair.ts';
import type { serveBundles } from '../serve.ts';
import type { signBundle } from '../sign.ts';
import type { UninstallOptions, UninstallResult } from '../uninstall.ts';
import type { verifyBundle } from '../verify.ts';

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
