import type { Upstream } from '../../spec/part.ts';

/** Below it is `release/<version>/bin/<os>/<arch>/kubectl`. */
export const KUBERNETES: Upstream = { name: 'kubernetes', url: 'https://dl.k8s.io' };
