import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/closed-files.ts'],
    // Real registries, kills and full disks take longer than a pure function; two cores share them all.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
    // Hundreds of processes of the program are started, and killed; each would strip the types of every module anew.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules', '.cache', 'compiled') },
    // Its `module` entry imports a directory, which Node refuses; inlined, vite resolves it.
    server: { deps: { inline: ['clipanion'] } },
  },
});
