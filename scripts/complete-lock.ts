/**
 * Adds to `package-lock.json` the optional packages for other platforms, which npm leaves out when a registry lacks them.
 * Without them, `npm ci` reports that the lock is out of sync. Run it after every `npm install`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const FILE = join(import.meta.dirname, '..', 'package-lock.json');
/** `@scope/name-linux-x64-musl`: operating system, architecture and, on Linux, the C library. */
const BUILD =
  /[/-](android|darwin|freebsd|linux|openharmony|win32)-(arm64|arm|ia32|ppc64|riscv64|s390x|x64)(?:-(\w+))?$/;

const names = z.record(z.string(), z.string());
const lockSchema = z.looseObject({
  packages: z.record(
    z.string(),
    z.looseObject({ engines: names.optional(), optionalDependencies: names.optional() }),
  ),
});

const lock = lockSchema.parse(JSON.parse(readFileSync(FILE, 'utf8')));
const missing = Object.values(lock.packages).flatMap(({ engines, optionalDependencies }) =>
  Object.entries(optionalDependencies ?? {}).flatMap(([name, version]) => {
    const [, os, cpu, library] = BUILD.exec(name) ?? [];
    const path = `node_modules/${name}`;
    if (os === undefined || cpu === undefined || path in lock.packages) return [];
    const libc = os === 'linux' ? { libc: [library?.startsWith('musl') === true ? 'musl' : 'glibc'] } : {};
    return [
      [
        path,
        { version, cpu: [cpu], dev: true, ...libc, optional: true, os: [os], ...(engines && { engines }) },
      ] as const,
    ];
  }),
);
const packages = Object.entries({ ...lock.packages, ...Object.fromEntries(missing) });
packages.sort(([left], [right]) => (left < right ? -1 : 1));
writeFileSync(FILE, `${JSON.stringify({ ...lock, packages: Object.fromEntries(packages) }, null, 2)}\n`);
console.log(`${missing.length} packages added to package-lock.json`);
