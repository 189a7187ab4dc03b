import type { Upstream } from '../../spec/part.ts';

export const NODE: Upstream = {
  name: 'node',
  url: 'https://nodejs.org/dist',
  holds: 'releases of Node.js: index.json, vVERSION/SHASUMS256.txt and the files that it lists',
};
