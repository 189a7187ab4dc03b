/** The library: the verbs of the product, for programs that want them without the command line. */
export { buildBundle, type BuildResult, type BuildWish } from './verbs/build.ts';
export {
  checkRegistriesFile,
  type CheckRegistriesWish,
  type RegistriesReport,
} from './verbs/check-registries.ts';
export { type ConfigKind, type ConfigWish, type ConfigResult, writeConfig } from './verbs/config.ts';
export { convertBundle, type ConvertWish, type ConvertResult } from './verbs/convert.ts';
export { diffBundles, type DiffResult, type DiffWish } from './verbs/diff.ts';
export { inspectBundle, type InspectResult, type InspectWish } from './verbs/inspect.ts';
export { installBundle, type InstallWish, type InstallResult, UnprovenError } from './verbs/install.ts';
export { SaddlebagError } from './internal/error.ts';
export type { ErrorCode } from './internal/error-code.ts';
export type { Finding } from './internal/finding.ts';
export { ProblemsError } from './internal/problems.ts';
export { generateKeys, type KeygenWish, type KeygenResult } from './verbs/keygen.ts';
export { lockSpec, type LockWish, type LockResult } from './verbs/lock.ts';
export { repairBundle, type RepairWish, type RepairResult } from './verbs/repair.ts';
export {
  serveBundles,
  type ServeEars,
  type ServeResult,
  type ServeWish,
  type Serving,
} from './verbs/serve.ts';
export type { Ears } from './steps/ears.ts';
export { processSurroundings, type Surroundings } from './steps/surroundings.ts';
export { signBundle, type SignWish, type SignResult } from './verbs/sign.ts';
export { uninstall, type UninstallWish, type UninstallResult } from './verbs/uninstall.ts';
export { verifyBundle, type VerifyWish, type VerifyResult } from './verbs/verify.ts';
