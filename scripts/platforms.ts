/**
 * Runs kits where tests cannot: on Windows, as `wine` is it, and on arm64, as `qemu-user` is it. Too slow for `npm test`, and it
 * fetches two runtimes from the npm registry (90 MB, kept in npm's cache). It needs root on Linux, `wine`, `qemu-user-static`
 * and, for arm64, Debian's packages of a C library. docs/testing.md says what was seen.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildProgram } from '../test/support/process/real-runtime.ts';
import { lookAtArm64 } from './platforms/arm64.ts';
import { lookAtWindows } from './platforms/windows.ts';

const KINDS = { windows: lookAtWindows, arm64: lookAtArm64 };

const work = mkdtempSync(join(tmpdir(), 'saddlebag-platforms-'));
let faults = 0;
try {
  const program = buildProgram(join(work, 'dist'));
  const named = process.argv.slice(2);
  for (const [name, look] of Object.entries(KINDS)) {
    if (named.length > 0 && !named.includes(name)) continue;
    console.log(`\n${name}`);
    faults += await look(join(work, name), program);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
process.exitCode = faults === 0 ? 0 : 1;
