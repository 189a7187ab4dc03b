/** The library: the verbs of the product, for programs that want them without the command line. */
export { buildBundle, type BuildOptions, type BuildResult } from './verbs/build.ts';
export { checkRegistriesFile, type RegistriesReport } from './verbs/check-registries.ts';
export { type ConfigKind, type ConfigOptions, type ConfigResult, writeConfig } from './verbs/config.ts';
export { convertBundle, type ConvertOptions, type ConvertResult } from './verbs/convert.ts';
export { diffBundles, type DiffResult } from './verbs/diff.ts';
export { inspectBundle, type InspectResult } from './verbs/inspect.ts';
export { installBundle, type InstallOptions, type InstallResult, UnprovenError } from './verbs/install.ts';
export { SaddlebagError } from './internal/error.ts';
export type { ErrorCode } from './internal/error-code.ts';
export type { Finding } from './internal/finding.ts';
export { ProblemsError } from './internal/problems.ts';
export { generateKeys, type KeygenOptions, type KeygenResult } from './verbs/keygen.ts';
export { lockSpec, type LockOptions, type LockResult } from './verbs/lock.ts';
export { repairBundle, type RepairOptions, type RepairResult } from './verbs/repair.ts';
export { serveBundles, type ServeOptions, type ServeResult, type Serving } from './verbs/serve.ts';
export { signBundle, type SignOptions, type SignResult } from './verbs/sign.ts';
export { uninstall, type UninstallOptions, type UninstallResult } from './verbs/uninstall.ts';
export { verifyBundle, type VerifyOptions, type VerifyResult } from './verbs/verify.ts';
