import type { Surroundings } from '../../src/steps/surroundings.ts';

/** A user who has nothing: no variables, no files at home. */
export const NOBODY: Surroundings = {
  env: {},
  home: '/nonexistent/home',
  host: { platform: 'linux', arch: 'x64' },
};
