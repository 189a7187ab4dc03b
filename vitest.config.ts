import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real registries, kills and full disks take longer than a pure function; two cores share them all.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // Its `module` entry imports a directory, which Node refuses; inlined, vite resolves it.
    server: { deps: { inline: ['clipanion'] } },
  },
});
