import type { Upstream } from '../../spec/part.ts';

export const KUBERNETES: Upstream = {
  name: 'kubernetes',
  url: 'https://dl.k8s.io',
  holds: 'Kubernetes clients, at release/VERSION/bin/OS/ARCH/kubectl',
};
