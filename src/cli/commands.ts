import type { CommandClass } from 'clipanion';
import type { CliContext } from './context.ts';

/** Returns the class of a command. */
export type Load = () => Promise<CommandClass<CliContext>>;

/**
 * Every command by name, in the order of help and reference, which follows a bundle's life. A command's class is loaded only
 * when the command runs or its help is made.
 */
export const COMMANDS: Readonly<Record<string, Load>> = {
  init: async () => (await import('./commands/init.ts')).InitCommand,
  build: async () => (await import('./commands/build.ts')).BuildCommand,
  lock: async () => (await import('./commands/lock.ts')).LockCommand,
  convert: async () => (await import('./commands/convert.ts')).ConvertCommand,
  kit: async () => (await import('./commands/kit.ts')).KitCommand,
  inspect: async () => (await import('./commands/inspect.ts')).InspectCommand,
  diff: async () => (await import('./commands/diff.ts')).DiffCommand,
  check: async () => (await import('./commands/check.ts')).CheckCommand,
  verify: async () => (await import('./commands/verify.ts')).VerifyCommand,
  parity: async () => (await import('./commands/parity.ts')).ParityCommand,
  repair: async () => (await import('./commands/repair.ts')).RepairCommand,
  push: async () => (await import('./commands/carrier/push.ts')).PushCommand,
  pull: async () => (await import('./commands/carrier/pull.ts')).PullCommand,
  install: async () => (await import('./commands/install.ts')).InstallCommand,
  receipts: async () => (await import('./commands/receipts.ts')).ReceiptsCommand,
  uninstall: async () => (await import('./commands/uninstall.ts')).UninstallCommand,
  prune: async () => (await import('./commands/prune.ts')).PruneCommand,
  serve: async () => (await import('./commands/serve.ts')).ServeCommand,
  config: async () => (await import('./commands/config.ts')).ConfigCommand,
  keygen: async () => (await import('./commands/signing/keygen.ts')).KeygenCommand,
  sign: async () => (await import('./commands/signing/sign.ts')).SignCommand,
  completion: async () => (await import('./commands/about/completion.ts')).CompletionCommand,
  help: async () => (await import('./commands/about/help.ts')).HelpCommand,
  version: async () => (await import('./commands/about/version.ts')).VersionCommand,
};
