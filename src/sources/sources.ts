import { charts } from './charts/source.ts';
import { files } from './files/source.ts';
import { images } from './images/source.ts';
import { k3s } from './k3s/source.ts';
import { kubectl } from './kubectl/source.ts';
import { manifests } from './manifests/source.ts';
import { node } from './node/source.ts';
import { openshift } from './openshift/source.ts';
import { rancherDesktop } from './rancher-desktop/source.ts';
import { rancher } from './rancher/source.ts';
import { rke2 } from './rke2/source.ts';
import type { Source } from './source.ts';

/** Every source, in the order of the spec's keys. A new one is a line here. */
export const SOURCES: readonly Source[] = [
  images,
  rancher,
  charts,
  manifests,
  rancherDesktop,
  k3s,
  rke2,
  kubectl,
  openshift,
  files,
  node,
];
