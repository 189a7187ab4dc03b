import type { Upstream } from '../../spec/part.ts';

/** Clients are at `release/<version>/bin/<os>/<arch>/kubectl` below it. */
export const KUBERNETES: Upstream = { name: 'kubernetes', url: 'https://dl.k8s.io' };
