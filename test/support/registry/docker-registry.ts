import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../http/free-port.ts';

export interface DockerRegistryOptions {
  /** From `peer('docker-registry')`. */
  readonly program: string;
  /** Asks for {@link DOCKER_REGISTRY_USER}. */
  readonly htpasswd?: boolean;
  /** Paths of PEM files: serves HTTPS. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  /** Keeps its content here instead of in a folder that goes with it. */
  readonly folder?: string;
  /** URL of a registry that it is a pull-through cache of. */
  readonly remote?: string;
  /** Refuses writes. */
  readonly readOnly?: boolean;
}

/** The real registry of the distribution project, running. */
export interface DockerRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  readonly url: string;
  readonly pid: number;
  /** Where its content is. */
  readonly folder: string;
}

/** Who a registry started with `htpasswd` lets in. */
export const DOCKER_REGISTRY_USER: { readonly username: string; readonly password: string } = {
  username: 'saddlebag',
  password: 'correct horse',
};
/** bcrypt of that password: the one algorithm the registry takes. */
const HTPASSWD = 'saddlebag:$2b$05$ZLa2sIViSsJcgj.2A8wYQO.lf/kEgQJawu8xN8SneQMwbzk/TYGqy\n';

const START_LIMIT_MS = 60_000;
const PORT_TRIES = 5;

/** Starts `docker-registry` on a free port of 127.0.0.1 and returns when it answers. */
export async function startDockerRegistry(options: DockerRegistryOptions): Promise<DockerRegistry> {
  for (let left = PORT_TRIES; ; left -= 1) {
    try {
      return await startOnce(options);
    } catch (error) {
      // A port that was free a moment ago may be somebody else's by now.
      if (left === 1 || !String(error).includes('address already in use')) throw error;
    }
  }
}

async function startOnce(options: DockerRegistryOptions): Promise<DockerRegistry> {
  const work = await mkdtemp(join(tmpdir(), 'saddlebag-registry-'));
  const folder = options.folder ?? join(work, 'content');
  const host = `127.0.0.1:${await freePort()}`;
  await writeFile(join(work, 'htpasswd'), HTPASSWD);
  await writeFile(join(work, 'config.yml'), configOf(options, { host, folder, work }));
  const child = spawn(options.program, ['serve', join(work, 'config.yml')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = `${log}${text}`.slice(-4000);
  });
  const ended = once(child, 'close');
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill();
    await ended;
    await rm(work, { recursive: true, force: true });
  };
  const url = `${options.tls === undefined ? 'http' : 'https'}://${host}`;
  const { pid } = child;
  if (pid === undefined || !(await answers(url, () => child.exitCode === null))) {
    await stop();
    throw new Error(`Cannot start ${options.program}: ${log}`);
  }
  return { host, url, pid, folder, [Symbol.asyncDispose]: stop };
}

function configOf(
  { htpasswd, tls, readOnly, remote }: DockerRegistryOptions,
  place: { readonly host: string; readonly folder: string; readonly work: string },
): string {
  const config = {
    version: '0.1',
    log: { level: 'error' },
    storage: {
      filesystem: { rootdirectory: place.folder },
      delete: { enabled: true },
      ...(readOnly === true ? { maintenance: { readonly: { enabled: true } } } : {}),
    },
    ...(remote === undefined ? {} : { proxy: { remoteurl: remote } }),
    http: {
      addr: place.host,
      ...(tls === undefined ? {} : { tls: { certificate: tls.certFile, key: tls.keyFile } }),
    },
    ...(htpasswd === true
      ? { auth: { htpasswd: { realm: 'docker-registry', path: join(place.work, 'htpasswd') } } }
      : {}),
  };
  // Every JSON document is a YAML document.
  return JSON.stringify(config);
}

async function answers(url: string, isAlive: () => boolean): Promise<boolean> {
  const end = performance.now() + START_LIMIT_MS;
  while (isAlive() && performance.now() < end) {
    try {
      await (await fetch(`${url}/v2/`)).arrayBuffer();
      return true;
    } catch (error) {
      // Its certificate need not be one that this process trusts: it has answered all the same.
      if (url.startsWith('https:') && !/ECONNREFUSED/.test(String(error instanceof Error ? error.cause : '')))
        return true;
      await sleep(50);
    }
  }
  return false;
}
