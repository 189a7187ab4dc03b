import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';

/** Returns whether this machine lets a container start: namespaces of its own, and a place among the control groups. */
export function canStartContainers(): boolean {
  const { status } = spawnSync('unshare', ['--mount', '--pid', '--net', '--uts', '--ipc', '--fork', 'true']);
  if (status !== 0) return false;
  try {
    accessSync('/sys/fs/cgroup', constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
