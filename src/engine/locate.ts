import { statOf } from '../disk/stat.ts';
import type { EngineAddress } from './address.ts';
import { dockerSocket, podmanSocket, rancherDesktopSocket } from './docker/socket.ts';
import type { EngineHost } from './host.ts';

const KUBERNETES = 'k8s.io';
/** K3s and RKE2 have their containerd here, and the namespace of Kubernetes in it. */
const NODE_SOCKET = '/run/k3s/containerd/containerd.sock';
const RKE2_CTR = '/var/lib/rancher/rke2/bin/ctr';

/** An engine that speaks Docker's API. */
export interface DockerPlace {
  readonly type: 'docker';
  /** For messages: `docker`, `podman`. */
  readonly name: string;
  /** Path, or name of a pipe. */
  readonly socket: string;
}

/** An engine that is containerd, through its client `ctr`. */
export interface ContainerdPlace {
  readonly type: 'containerd';
  /** For messages: `containerd`, `k3s`. */
  readonly name: string;
  /** The client and its first arguments. */
  readonly command: readonly string[];
  /** Absolute path. */
  readonly socket: string;
  /** Whether that is on this host, and not in a virtual machine. */
  readonly isHere: boolean;
  readonly namespace: string;
  readonly env: EngineHost['env'];
}

/** Returns where an engine of this host is, and what it speaks. @throws `ERR_USAGE_INVALID` */
export async function locateEngine(
  { name, socket, namespace = KUBERNETES }: EngineAddress,
  host: EngineHost,
): Promise<DockerPlace | ContainerdPlace> {
  const { env } = host;
  if (name === 'docker') return { type: 'docker', name, socket: socket ?? (await dockerSocket(host)) };
  if (name === 'podman') return { type: 'docker', name, socket: socket ?? (await podmanSocket(host)) };
  const containerd = (command: readonly string[], usual: string, isHere = true): ContainerdPlace => ({
    type: 'containerd',
    name,
    command,
    socket: socket ?? usual,
    isHere,
    namespace,
    env,
  });
  if (name === 'containerd') return containerd(['ctr'], '/run/containerd/containerd.sock');
  if (name === 'k3s') return containerd(['k3s', 'ctr'], NODE_SOCKET);
  if (name === 'rke2')
    return containerd([(await statOf(RKE2_CTR)) === undefined ? 'ctr' : RKE2_CTR], NODE_SOCKET);
  const moby = socket ?? (await rancherDesktopSocket(host));
  if (moby !== undefined) return { type: 'docker', name, socket: moby };
  // With containerd everything is in the virtual machine; K3s is there, and its client with it.
  return containerd(['rdctl', 'shell', 'sudo', 'k3s', 'ctr'], NODE_SOCKET, false);
}
