import type { CommandClass } from 'clipanion';
import { BuildCommand } from './commands/build.ts';
import { ConfigCommand } from './commands/config.ts';
import { ConvertCommand } from './commands/convert.ts';
import { DiffCommand } from './commands/diff.ts';
import { HelpCommand } from './commands/help.ts';
import { InspectCommand } from './commands/inspect.ts';
import { InstallCommand } from './commands/install.ts';
import { KeygenCommand } from './commands/keygen.ts';
import { LockCommand } from './commands/lock.ts';
import { RepairCommand } from './commands/repair.ts';
import { ServeCommand } from './commands/serve.ts';
import { SignCommand } from './commands/sign.ts';
import { UninstallCommand } from './commands/uninstall.ts';
import { VerifyCommand } from './commands/verify.ts';
import { VersionCommand } from './commands/version.ts';
import type { CliContext } from './context.ts';

/** Every command, in the order of help and reference: that of a bundle's life. */
export const COMMANDS: readonly CommandClass<CliContext>[] = [
  BuildCommand,
  LockCommand,
  ConvertCommand,
  InspectCommand,
  DiffCommand,
  VerifyCommand,
  RepairCommand,
  InstallCommand,
  UninstallCommand,
  ServeCommand,
  ConfigCommand,
  KeygenCommand,
  SignCommand,
  HelpCommand,
  VersionCommand,
];
