import type { UpgradeOrderStep } from '../../verbs/install.ts';
import type { TargetChoice } from '../../targets/choice.ts';
import { commandLine } from './command.ts';

/** Returns the command of one step of an upgrade; what is in capitals is to be filled in. */
export function upgradeCommand(
  { product, release }: UpgradeOrderStep,
  {
    program,
    bundle,
    targets,
  }: { readonly program: string; readonly bundle: string; readonly targets: TargetChoice },
): string {
  const version = release.replace(/^v|\+.*/g, '');
  if (product === 'Rancher Desktop') return commandLine('rdctl', ['set', '--kubernetes.version', version]);
  // Rancher's documentation, "Upgrades": the values of the release that is running, and the chart of the new one.
  if (product === 'Rancher')
    return `helm upgrade rancher CHART --namespace cattle-system --values VALUES --version ${version}`;
  const kind = product === 'K3s' ? 'k3s' : 'rke2';
  const place = targets[`${kind}-node`];
  const node = typeof place === 'string' ? `--${kind}-node=${place}` : `--${kind}-node`;
  return commandLine(program, ['install', bundle, node, `--${kind}-version`, release]);
}
