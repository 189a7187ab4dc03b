/**
 * The library: the product's commands as functions, for programs that do not want the command line. Each takes a request, its
 * environment and listeners. "npm run generate" writes this file: what the files of all verbs in `verbs/verbs.ts` export, and
 * every type that this names.
 */
export { type InitWish, specFrom, type SpecText } from './verbs/init.ts';
export {
  buildBundle,
  type BuildProgress,
  type BuildResult,
  type BuildWish,
  type DryRun,
} from './verbs/build.ts';
export { type LockResult, lockSpec, type LockWish } from './verbs/lock.ts';
export {
  convertBundle,
  type ConvertProgress,
  type ConvertResult,
  convertToTree,
  type ConvertWish,
  type MirrorRepository,
  type TreeResult,
  type TreeWish,
} from './verbs/convert.ts';
export { makeKit, type MakeKitResult, type MakeKitWish } from './verbs/kit.ts';
export {
  inspectBundle,
  type InspectedFile,
  type InspectedItem,
  type InspectResult,
  type InspectWish,
  type KindTotal,
} from './verbs/inspect.ts';
export { diffBundles, type DiffResult, type DiffSide, type DiffWish } from './verbs/diff.ts';
export { checkImages, type CheckOutcome, type CheckWish } from './verbs/check.ts';
export { verifyBundle, type VerifyResult, type VerifyWish } from './verbs/verify.ts';
export { makeParityFile, type ParityOutcome, type ParityProgress, type ParityWish } from './verbs/parity.ts';
export {
  repairBundle,
  type RepairByParity,
  type RepairProgress,
  type RepairResult,
  type RepairWish,
} from './verbs/repair.ts';
export { pushBundle, type PushResult, type PushWish } from './verbs/carrier/push.ts';
export { pullBundle, type PullWish } from './verbs/carrier/pull.ts';
export {
  type InstallAction,
  installBundle,
  type InstallProgress,
  type InstallResult,
  type InstallWish,
  UnprovenError,
} from './verbs/install.ts';
export {
  type InstalledBundle,
  listReceipts,
  type ReceiptsResult,
  type ReceiptsWish,
} from './verbs/receipts.ts';
export { uninstall, type UninstallResult, type UninstallWish } from './verbs/uninstall.ts';
export { prune, type PrunedInstall, type PruneResult, type PruneWish } from './verbs/prune.ts';
export {
  serveBundles,
  type ServeEars,
  type ServeResult,
  type ServeWish,
  type Serving,
} from './verbs/serve.ts';
export { type ConfigKind, type ConfigResult, type ConfigWish, writeConfig } from './verbs/config.ts';
export {
  checkRegistriesFile,
  type CheckRegistriesWish,
  type RegistriesReport,
} from './verbs/check-registries.ts';
export { generateKeys, type KeygenResult, type KeygenWish } from './verbs/signing/keygen.ts';
export { signBundle, type SignWish } from './verbs/signing/sign.ts';
export type { Ears } from './steps/ears.ts';
export { processSurroundings, type Surroundings } from './steps/surroundings.ts';
export { SaddlebagError, type SaddlebagErrorOptions } from './internal/error.ts';
export type { ErrorCode } from './internal/error-code.ts';
export { ProblemsError } from './internal/problems.ts';
export type { CarrierForm } from './bundle/carrier/layout.ts';
export type { CheckProgress } from './bundle/check/content.ts';
export type { Problem } from './bundle/check/report.ts';
export type { BundleDiff, ItemChange } from './bundle/diff.ts';
export type { Audience, ChartImage, ChartImageMethod } from './bundle/format/item.ts';
export type { BlobCount, RequiredBundle } from './bundle/inventory.ts';
export type { ParityResult } from './bundle/parity/make.ts';
export type { Repaired } from './bundle/repair/repair.ts';
export type { Form } from './bundle/shape.ts';
export type { SignResult } from './bundle/signing/change.ts';
export type { KeyType } from './bundle/signing/key-types.ts';
export type { SignatureReport } from './bundle/signing/prove.ts';
export type { OriginUnderWay, Progress } from './bundle/write/progress.ts';
export type { Rehearsal } from './bundle/write/rehearse.ts';
export type { WriteResult } from './bundle/write/write.ts';
export type { OpenshiftKind } from './config/openshift/render.ts';
export type { SiteKind } from './config/render.ts';
export type { ConfigFile } from './config/site.ts';
export type { ByteStream } from './internal/bytes.ts';
export type { Finding } from './internal/finding.ts';
export type { NetworkNotice, Phase, TryCount } from './internal/http/watch/notice.ts';
export type { KitProblem, KitReport } from './kit/check.ts';
export type { WrittenKit } from './kit/write.ts';
export type { About } from './oci/about/about.ts';
export type { Digest } from './oci/digest.ts';
export type { Naming } from './oci/naming.ts';
export type { LogFormat } from './serve/http/access-log.ts';
export type { NamedPlace } from './sources/manifests/reading/reading.ts';
export type { KitWish } from './sources/node/runtimes.ts';
export type { PartSize, ReleaseSize } from './sources/part-sizes.ts';
export type { ResolveProgress } from './sources/tally.ts';
export type { LockChanges } from './spec/lock/compare.ts';
export type { PlacedFinding } from './spec/registries/placed-finding.ts';
export type { NetworkWish } from './steps/carrier.ts';
export type { FarSideWish } from './steps/check/asked.ts';
export type { LeftOutReason, MissingImage, PresentImage } from './steps/check/compare.ts';
export type { Lookalike } from './steps/check/wanted.ts';
export type { PartWish } from './steps/chosen-plan.ts';
export type { KitProgress, KitResult, LooseKitWish } from './steps/kit.ts';
export type { LockFileWish } from './steps/lock-file.ts';
export type { ResolveWish, ResolvingProgress } from './steps/resolve.ts';
export type { TrustWish } from './steps/signing/trusted-keys.ts';
export type { SiteWish } from './steps/site/wish.ts';
export type { Upgrade, UpgradedProduct, UpgradeOfProduct, UpgradeOrderStep } from './steps/upgrade.ts';
export type { ActionUnderWay, ApplyProgress } from './targets/apply-plans.ts';
export type { TargetChoice } from './targets/choice.ts';
export type { Space } from './targets/disk-space.ts';
export type { TakenBack } from './targets/uninstall/step.ts';
