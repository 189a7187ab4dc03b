import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { TestContext } from 'vitest';
import { type CriOptions, criSection, isCriReady } from './cri.ts';
import { requirePeer } from './peers.ts';
import { temporaryFolder } from '../temporary.ts';

/** A containerd of its own, with `ctr` talking to it. */
export interface Containerd extends AsyncDisposable {
  /** Path of its socket, which the CRI listens on as well. */
  readonly socket: string;
  /** Runs `ctr` with these arguments and returns what it printed on both streams. */
  ctr(...args: readonly string[]): Promise<string>;
}

const run = promisify(execFile);

/**
 * Starts containerd on a socket, a root and a state folder of its own; it ends when disposed of. Where it is missing, or
 * the tests are not run by root, the test ends here as skipped.
 */
export async function startContainerd(context: TestContext, cri?: CriOptions): Promise<Containerd> {
  const program = requirePeer(context, 'containerd');
  const client = requirePeer(context, 'ctr');
  if (process.getuid?.() !== 0) context.skip('skipped: containerd needs root');
  const folder = temporaryFolder();
  const place = (name: string): string => join(folder.path, name);
  // Without the CRI, nothing but the content store and the snapshots: no Kubernetes, no network.
  writeFileSync(
    place('config.toml'),
    `version = 2
root = "${place('root')}"
state = "${place('state')}"
disabled_plugins = [${cri === undefined ? '"io.containerd.grpc.v1.cri"' : ''}]
[grpc]
  address = "${place('socket')}"
${cri === undefined ? '' : criSection(cri)}`,
  );
  const daemon = spawn(program, ['--config', place('config.toml')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  daemon.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const isUp = async (): Promise<boolean> =>
    existsSync(place('socket')) &&
    log.includes('successfully booted') &&
    (cri === undefined || (await isCriReady(place('socket'))));
  while (!(await isUp())) {
    if (daemon.exitCode !== null) throw new Error(`containerd ended: ${log}`);
    await pause(20);
  }
  return {
    socket: place('socket'),
    ctr: async (...args) => {
      const { stdout, stderr } = await run(client, [
        '--address',
        place('socket'),
        '--namespace',
        'test',
        ...args,
      ]);
      return `${stdout}${stderr}`;
    },
    [Symbol.asyncDispose]: async () => {
      daemon.kill('SIGTERM');
      if (daemon.exitCode === null) await once(daemon, 'exit');
      folder[Symbol.dispose]();
    },
  };
}
