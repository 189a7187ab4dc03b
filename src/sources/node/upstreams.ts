import type { Upstream } from '../../spec/part.ts';

/** `index.json` lists the releases; `v<version>/SHASUMS256.txt` and the downloads are below it. */
export const NODE: Upstream = { name: 'node', url: 'https://nodejs.org/dist' };
