import { posix, win32 } from 'node:path';
import { SaddlebagError } from '../../internal/error.ts';
import { statOf } from '../../disk/stat.ts';
import type { HostEnvironment } from '../host-paths.ts';
import { containerdEngine } from './containerd/containerd.ts';
import { dockerEngine } from './docker/docker.ts';
import { dockerSocket, podmanSocket, rancherDesktopSocket, socketOf } from './docker/socket.ts';
import type { Engine } from './engine.ts';

/** The engines that can be named. */
export const ENGINES = ['docker', 'podman', 'containerd', 'k3s', 'rke2', 'rancher-desktop'] as const;

type EngineName = (typeof ENGINES)[number];

const KUBERNETES = 'k8s.io';
/** K3s and RKE2 have their containerd here, and the namespace of Kubernetes in it. */
const NODE_SOCKET = '/run/k3s/containerd/containerd.sock';
const RKE2_CTR = '/var/lib/rancher/rke2/bin/ctr';

/** An engine and where it is, as a user names it. */
export interface EngineAddress {
  readonly name: EngineName;
  readonly socket?: string | undefined;
  readonly namespace?: string | undefined;
}

/**
 * Returns the engine in `NAME`, `NAME=SOCKET`, `NAME=NAMESPACE` or `NAME=NAMESPACE@SOCKET`.
 *
 * @throws `ERR_USAGE_INVALID`
 */
export function parseEngine(text: string): EngineAddress {
  const [, named = '', where] = /^([^=]*)(?:=(.*))?$/s.exec(text) ?? [];
  const name = ENGINES.find((each) => each === named);
  if (name === undefined)
    throw new SaddlebagError(
      'ERR_USAGE_INVALID',
      `Cannot use engine ${JSON.stringify(named)}: it is not known`,
      {
        hint: `Name one of ${ENGINES.join(', ')}.`,
      },
    );
  if (where === undefined) return { name };
  const [, before, after] = /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(?:@(.+))?$/s.exec(where) ?? [];
  const isSocket = before === undefined;
  if (isSocket) return { name, socket: checkedSocket(where, name) };
  if (name === 'docker' || name === 'podman')
    throw new SaddlebagError(
      'ERR_USAGE_INVALID',
      `Cannot use engine ${JSON.stringify(text)}: ${name} has no namespaces, and ${JSON.stringify(where)} is no path of a socket`,
      { hint: `Write --engine ${name}=/PATH/TO/SOCKET.` },
    );
  return { name, namespace: before, socket: after === undefined ? undefined : checkedSocket(after, name) };
}

/** Returns the engine of a host. @throws `ERR_USAGE_INVALID` */
export async function chooseEngine(
  { name, socket, namespace = KUBERNETES }: EngineAddress,
  host: HostEnvironment,
): Promise<Engine> {
  const { env } = host;
  if (name === 'docker') return dockerEngine(name, socket ?? (await dockerSocket(host)));
  if (name === 'podman') return dockerEngine(name, socket ?? (await podmanSocket(host)));
  const containerd = (command: readonly string[], usual: string, isHere = true): Engine =>
    containerdEngine({ name, command, socket: socket ?? usual, isHere, namespace, env });
  if (name === 'containerd') return containerd(['ctr'], '/run/containerd/containerd.sock');
  if (name === 'k3s') return containerd(['k3s', 'ctr'], NODE_SOCKET);
  if (name === 'rke2')
    return containerd([(await statOf(RKE2_CTR)) === undefined ? 'ctr' : RKE2_CTR], NODE_SOCKET);
  const moby = socket ?? (await rancherDesktopSocket(host));
  if (moby !== undefined) return dockerEngine(name, moby);
  // With containerd everything is in the virtual machine; K3s is there, and its client with it.
  return containerd(['rdctl', 'shell', 'sudo', 'k3s', 'ctr'], NODE_SOCKET, false);
}

function checkedSocket(text: string, name: EngineName): string {
  if (text !== '' && (/^(?:unix|npipe):/.test(text) || posix.isAbsolute(text) || win32.isAbsolute(text)))
    return socketOf(text, `--engine ${name}`);
  throw new SaddlebagError(
    'ERR_USAGE_INVALID',
    `Cannot use engine "${name}=${text}": ${JSON.stringify(text)} is neither a namespace nor the absolute path of a socket`,
    { hint: `Write --engine ${name}=/PATH/TO/SOCKET.` },
  );
}
