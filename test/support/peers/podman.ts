import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { TestContext } from 'vitest';
import { requirePeer } from './peers.ts';
import { temporaryFolder } from '../temporary.ts';

/** Podman's service with a store of its own. */
export interface PodmanService extends AsyncDisposable {
  /** Path of its socket. */
  readonly socket: string;
  /** Runs `podman` on the same store and returns what it printed. */
  podman(...args: readonly string[]): Promise<string>;
}

const run = promisify(execFile);

/** Starts Podman's service; it ends when disposed of. Where Podman is missing, the test ends here as skipped. */
export async function startPodman(context: TestContext): Promise<PodmanService> {
  const program = requirePeer(context, 'podman');
  if (process.getuid?.() !== 0) context.skip('skipped: podman needs root');
  const folder = temporaryFolder();
  const place = (name: string): string => join(folder.path, name);
  const store = ['--root', place('root'), '--runroot', place('run'), '--storage-driver', 'vfs'];
  const service = spawn(program, [...store, 'system', 'service', '--time=0', `unix://${place('socket')}`], {
    stdio: 'ignore',
  });
  while (!(await answers(place('socket')))) {
    if (service.exitCode !== null) throw new Error('podman ended');
    await pause(20);
  }
  return {
    socket: place('socket'),
    podman: async (...args) => (await run(program, [...store, ...args])).stdout.trim(),
    [Symbol.asyncDispose]: async () => {
      service.kill('SIGTERM');
      if (service.exitCode === null) await once(service, 'exit');
      folder[Symbol.dispose]();
    },
  };
}

/** A socket that is there is not yet a service that answers. */
async function answers(socketPath: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const asked = request({ socketPath, path: '/_ping' }, (response) => {
    response.resume();
    resolve(response.statusCode === 200);
  });
  asked.once('error', () => resolve(false));
  asked.end();
  return await promise;
}
