import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { TestContext } from 'vitest';
import { requirePeer } from './peers.ts';
import { temporaryFolder } from '../temporary.ts';

/** A Docker engine of its own, with its client talking to it. */
export interface DockerEngine extends AsyncDisposable {
  /** Path of its socket. */
  readonly socket: string;
  /** Runs `docker` with these arguments and returns what it printed. */
  docker(...args: readonly string[]): Promise<string>;
}

const run = promisify(execFile);
const READY = 'API listen on';

/**
 * Starts dockerd with all of its state in a folder of its own and no network; it ends when disposed of. Where it is
 * missing, or the tests are not run by root, the test ends here as skipped. `options` are further ones of dockerd.
 */
export async function startDockerEngine(
  context: TestContext,
  options: readonly string[] = [],
): Promise<DockerEngine> {
  const program = requirePeer(context, 'dockerd');
  const client = requirePeer(context, 'docker');
  if (process.getuid?.() !== 0) context.skip('skipped: dockerd needs root');
  const folder = temporaryFolder();
  const place = (name: string): string => join(folder.path, name);
  const host = `unix://${place('socket')}`;
  const state = ['--data-root', place('data'), '--exec-root', place('exec'), '--pidfile', place('pid')];
  const bare = ['--storage-driver=vfs', '--iptables=false', '--ip6tables=false', '--bridge=none'];
  const daemon = spawn(program, ['--host', host, ...state, ...bare, ...options], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  daemon.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  while (!log.includes(READY)) {
    if (daemon.exitCode !== null) throw new Error(`dockerd ended: ${log}`);
    await pause(50);
  }
  return {
    socket: place('socket'),
    docker: async (...args) => (await run(client, ['--host', host, ...args])).stdout,
    [Symbol.asyncDispose]: async () => {
      // It ends the containerd that it started by itself.
      daemon.kill('SIGTERM');
      if (daemon.exitCode === null) await once(daemon, 'exit');
      folder[Symbol.dispose]();
    },
  };
}
