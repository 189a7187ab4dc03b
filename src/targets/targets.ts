import { embedded } from './embedded/kind.ts';
import { files } from './files/kind.ts';
import { k3sNode } from './k3s-node/kind.ts';
import { engine } from './engine/kind.ts';
import type { TargetKind } from './kind.ts';
import { kuberlr } from './kuberlr/kind.ts';
import { openshiftTools } from './openshift-tools/kind.ts';
import { rancherDesktop } from './rancher-desktop/kind.ts';
import { registry } from './registry/kind.ts';
import { rke2Node } from './rke2-node/kind.ts';

/** Every system that bundles are installed into, in the order they are filled. A new system is one line here. */
export const TARGETS: readonly TargetKind[] = [
  rancherDesktop,
  kuberlr,
  k3sNode,
  rke2Node,
  openshiftTools,
  files,
  embedded,
  engine,
  registry,
];
