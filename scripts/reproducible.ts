/**
 * Builds one lock with several Node.js versions in very different environments and compares every output byte. A package
 * cannot carry three Node.js versions, so two are arguments: `npm run reproducible -- NODE22 NODE24`; the current one runs
 * first.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { startLab } from '../test/support/sites/lab.ts';
import { buildShipped } from './bench/shipped.ts';

const PARTS = `platforms: [linux/amd64, linux/arm64]
images: [rancher/rancher:v2.9.2, rancher/shell:v0.2.1]
rancherDesktop:
  versions: [stable]
  platforms: [windows/amd64, darwin/arm64]
k3s:
  versions: [v1.30.6+k3s1]
  architectures: [amd64, arm64]
`;

/** Output name of each shape. */
const OUTPUTS = ['lab.tar', 'lab.zip', 'lab'] as const;

interface Host {
  readonly umask: string;
  readonly concurrency: number;
  readonly env: Readonly<Record<string, string>>;
}

const HOSTS: readonly Host[] = [
  { umask: '022', concurrency: 8, env: { TZ: 'UTC', LANG: 'C', LC_ALL: 'C' } },
  {
    umask: '077',
    concurrency: 1,
    env: { TZ: 'Pacific/Kiritimati', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
  },
  {
    umask: '000',
    concurrency: 64,
    env: { TZ: 'America/St_Johns', LANG: 'sv_SE.UTF-8', LC_ALL: 'sv_SE.UTF-8' },
  },
];

const run = promisify(execFile);
const work = mkdtempSync(join(tmpdir(), 'saddlebag-reproducible-'));
try {
  await compare([process.execPath, ...process.argv.slice(2)]);
} finally {
  rmSync(work, { recursive: true });
}

async function compare(nodes: readonly string[]): Promise<void> {
  const main = await buildShipped(work);
  await using lab = await startLab({ layerBytes: 200_000 });
  const spec = lab.spec(`${PARTS}files:\n  - url: ${lab.sites.url}/files/tool.tar.gz\n`);
  await run(process.execPath, [main, 'lock', spec, '--quiet'], { env: { ...process.env, HOME: work } });

  const seen = OUTPUTS.map(() => new Set<string>());
  console.log(
    `| Node | umask | time zone | locale | at once | ${OUTPUTS.join(' | ')} |\n|${'---|'.repeat(8)}`,
  );
  for (const node of nodes) {
    const version = (await run(node, ['--version'])).stdout.trim();
    for (const host of HOSTS) {
      const digests = [];
      for (const [index, output] of OUTPUTS.entries()) {
        const folder = join(work, 'host');
        mkdirSync(folder);
        copyFileSync(spec, join(folder, 'lab.yaml'));
        copyFileSync(spec.replace(/\.yaml$/, '.lock.json'), join(folder, 'lab.lock.json'));
        await build(node, [main, 'build', 'lab.yaml', '-o', output, '--locked', '--quiet'], {
          ...host,
          folder,
        });
        const digest = digestOfTree(folder);
        seen[index]?.add(digest);
        digests.push(digest.slice(0, 12));
        rmSync(folder, { recursive: true });
      }
      const { umask, concurrency, env } = host;
      console.log(`| ${[version, umask, env['TZ'], env['LANG'], concurrency, ...digests].join(' | ')} |`);
    }
  }
  const differing = OUTPUTS.filter((_, index) => seen[index]?.size !== 1);
  console.log(
    differing.length === 0 ? '\nall bytes are the same' : `\nbytes differ: ${differing.join(', ')}`,
  );
  if (differing.length > 0) process.exitCode = 1;
}

async function build(
  node: string,
  args: readonly string[],
  { umask, concurrency, env, folder }: Host & { readonly folder: string },
): Promise<void> {
  // The shell sets what cannot be set when a process is spawned; the arguments pass through unchanged.
  const shell = ['-c', 'umask "$1"; shift; exec "$@"', 'sh', umask, node, ...args];
  await run('sh', [...shell, '--concurrency', String(concurrency)], {
    cwd: folder,
    env: { ...process.env, HOME: work, ...env },
  });
}

/** A digest over every path and every byte below a folder: the bundle, its checksums and the lock beside it. */
function digestOfTree(folder: string): string {
  const hash = createHash('sha256');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  for (const path of files.map((entry) => join(entry.parentPath, entry.name)).toSorted()) {
    const sum = createHash('sha256').update(readFileSync(path)).digest('hex');
    hash.update(`${sum}  ${relative(folder, path)}\n`);
  }
  return hash.digest('hex');
}
