import type { InstallResult } from '../../verbs/install.ts';
import type { NextStep } from '../outcome.ts';
import { commandLine, nameOf } from './command.ts';

/** Returns what comes after an install: images are pulled, nodes are configured, and the receipt goes back to the sender. */
export function installSteps(
  { actions, receipt }: InstallResult,
  options: { readonly dryRun: boolean; readonly bundle: string; readonly program: string },
): readonly NextStep[] {
  const { dryRun, bundle, program } = options;
  const isChange = actions.some(({ state }) => state !== 'present');
  if (dryRun) return isChange ? [{ text: 'run the same command without --dry-run' }] : [];
  const image = actions.find(({ target, kind }) => target === 'registry' && kind === 'image');
  return [
    ...(image === undefined
      ? []
      : [
          { text: 'pull an image', command: commandLine('docker', ['pull', image.destination]) },
          {
            text: 'let nodes pull from there',
            command: commandLine(program, ['config', 'registries.yaml', '--bundle', bundle]),
          },
        ]),
    ...(receipt === undefined || !isChange
      ? []
      : [
          {
            text: `bring ${nameOf(receipt)} back to the sender, who then builds only what is new`,
            command: commandLine('bundle', ['build', 'SPEC', '-o', 'OUT', '--since', nameOf(receipt)]),
            paths: [receipt],
          },
        ]),
  ];
}
