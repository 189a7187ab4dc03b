/** The library: the verbs of the product, for programs that want them without the command line. */
export { buildBundle, type BuildOptions, type BuildResult } from './build.ts';
export { checkRegistriesFile, type RegistriesReport } from './check-registries.ts';
export { type ConfigKind, type ConfigOptions, type ConfigResult, writeConfig } from './config.ts';
export { convertBundle, type ConvertOptions, type ConvertResult } from './convert.ts';
export { diffBundles, type DiffResult } from './diff.ts';
export { inspectBundle, type InspectResult } from './inspect.ts';
export { installBundle, type InstallOptions, type InstallResult, UnprovenError } from './install.ts';
export { SaddlebagError } from './internal/error.ts';
export type { ErrorCode } from './internal/error-code.ts';
export type { Finding } from './internal/finding.ts';
export { ProblemsError } from './internal/problems.ts';
export { generateKeys, type KeygenOptions, type KeygenResult } from './keygen.ts';
export { lockSpec, type LockOptions, type LockResult } from './lock.ts';
export { repairBundle, type RepairOptions, type RepairResult } from './repair.ts';
export { signBundle, type SignOptions, type SignResult } from './sign.ts';
export { uninstall, type UninstallOptions, type UninstallResult } from './uninstall.ts';
export { verifyBundle, type VerifyOptions, type VerifyResult } from './verify.ts';
