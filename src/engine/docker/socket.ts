import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { posix, win32 } from 'node:path';
import { SaddlebagError } from '../../internal/error.ts';
import { isRecord } from '../../internal/json.ts';
import { isAbsent } from '../../disk/errno.ts';
import { statOf } from '../../disk/stat.ts';
import type { EngineHost } from '../host.ts';

const PIPE = '\\\\.\\pipe\\';

/**
 * Returns the socket of this user's Docker: that of `DOCKER_HOST`, of the context that is in use, or the first usual one that
 * exists. Windows has named pipes instead.
 *
 * @throws `ERR_USAGE_INVALID` for a Docker that is not on this host
 */
export async function dockerSocket(host: EngineHost): Promise<string> {
  const { env } = host;
  const named = env['DOCKER_HOST'] ?? '';
  if (named !== '') return socketOf(named, 'DOCKER_HOST');
  const context = await contextHost(host);
  if (context !== undefined) return socketOf(context, 'the current Docker context');
  if (host.os === 'windows') return `${PIPE}docker_engine`;
  return await firstThere([
    '/var/run/docker.sock',
    ...runtimeFolder(env).map((folder) => `${folder}/docker.sock`),
    `${host.home}/.docker/run/docker.sock`,
    `${host.home}/.docker/desktop/docker.sock`,
    `${host.home}/.rd/docker.sock`,
  ]);
}

/** Returns the socket of this user's Podman; root's before that of a user without a service of his own. */
export async function podmanSocket(host: EngineHost): Promise<string> {
  const named = host.env['CONTAINER_HOST'] ?? '';
  if (named !== '') return socketOf(named, 'CONTAINER_HOST');
  if (host.os === 'windows') return `${PIPE}podman-machine-default`;
  return await firstThere([
    ...runtimeFolder(host.env).map((folder) => `${folder}/podman/podman.sock`),
    '/run/podman/podman.sock',
    `${host.home}/.local/share/containers/podman/machine/podman.sock`,
  ]);
}

/** Returns the socket of Rancher Desktop with moby, or `undefined` when there is none: then it runs containerd. */
export async function rancherDesktopSocket(host: EngineHost): Promise<string | undefined> {
  const socket = host.os === 'windows' ? `${PIPE}docker_engine` : `${host.home}/.rd/docker.sock`;
  return (await statOf(socket)) === undefined ? undefined : socket;
}

/** Returns the path in an address such as `unix:///run/docker.sock`. @throws `ERR_USAGE_INVALID` */
export function socketOf(address: string, source: string): string {
  const unix = /^unix:\/\/(.+)$/.exec(address)?.[1];
  if (unix !== undefined) return unix;
  const pipe = /^npipe:\/\/(.+)$/.exec(address)?.[1];
  if (pipe !== undefined) return pipe.replaceAll('/', '\\');
  if (posix.isAbsolute(address) || win32.isAbsolute(address)) return address;
  throw new SaddlebagError(
    'ERR_USAGE_INVALID',
    `Cannot use the engine that ${source} names: ${JSON.stringify(address)} is no socket of this host`,
    { hint: 'Run the command on the host of the engine, or name a socket, as in docker=/run/docker.sock.' },
  );
}

/** Docker keeps the endpoint of a context below the digest of its name (docker/cli, `cli/context/store`). */
async function contextHost({ env, home }: EngineHost): Promise<string | undefined> {
  const folder = env['DOCKER_CONFIG'] ?? `${home}/.docker`;
  const chosen = env['DOCKER_CONTEXT'] ?? (await jsonAt(`${folder}/config.json`))['currentContext'];
  if (typeof chosen !== 'string' || chosen === '' || chosen === 'default') return undefined;
  const hash = createHash('sha256').update(chosen).digest('hex');
  const { Endpoints: endpoints } = await jsonAt(`${folder}/contexts/meta/${hash}/meta.json`);
  const docker = isRecord(endpoints) ? endpoints['docker'] : undefined;
  const address = isRecord(docker) ? docker['Host'] : undefined;
  return typeof address === 'string' ? address : undefined;
}

function runtimeFolder(env: EngineHost['env']): readonly string[] {
  const folder = env['XDG_RUNTIME_DIR'] ?? '';
  return folder === '' ? [] : [folder];
}

async function firstThere(paths: readonly string[]): Promise<string> {
  for (const path of paths) if ((await statOf(path)) !== undefined) return path;
  return paths[0] ?? '';
}

async function jsonAt(path: string): Promise<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isRecord(value) ? value : {};
  } catch (error) {
    // Docker itself says what is wrong with its files; without a context the usual sockets are tried.
    if (isAbsent(error) || error instanceof SyntaxError) return {};
    throw error;
  }
}
