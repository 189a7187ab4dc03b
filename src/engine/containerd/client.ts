import { statOf } from '../../disk/stat.ts';
import type { ByteStream } from '../../internal/bytes.ts';
import { SaddlebagError } from '../../internal/error.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { ContainerdPlace } from '../locate.ts';
import { type ClientOptions, type ClientResult, outputOf, runClient } from './program.ts';

/** `ctr` with the socket and the namespace of an engine. */
export interface ContainerdClient {
  /** For messages. */
  readonly title: string;
  /** Runs it, and returns what it printed. @throws `ERR_TARGET_FAILED` when it cannot be run */
  readonly ctr: (
    parameters: readonly string[],
    options?: Omit<ClientOptions, 'env'>,
  ) => Promise<ClientResult>;
  /** Runs it, and yields what it writes on stdout. @throws `ERR_TARGET_FAILED` */
  readonly stream: (parameters: readonly string[], options?: WaitOptions) => ByteStream;
  /** Makes sure that containerd answers, and has the namespace. @throws `ERR_TARGET_FAILED`, `ERR_TARGET_REFUSED` */
  readonly reach: (options?: WaitOptions) => Promise<void>;
}

/**
 * Returns the client of an engine that is containerd, which every version of it understands.
 *
 * @throws from its functions `ERR_TARGET_FAILED`, `ERR_TARGET_REFUSED`
 */
export function containerdClient(place: Omit<ContainerdPlace, 'type'>): ContainerdClient {
  const { name, command, socket, isHere, namespace, env } = place;
  const title = `${name} at ${socket}, namespace ${namespace}`;
  const whole = [...command, '--address', socket, '--namespace', namespace];
  const ctr: ContainerdClient['ctr'] = async (parameters, { input, signal } = {}) =>
    await runClient(whole, parameters, { input, signal, env });
  return {
    title,
    ctr,
    stream: (parameters, { signal } = {}) => outputOf(whole, parameters, { signal, env }),
    async reach({ signal } = {}) {
      // The client would wait ten seconds for it.
      if (isHere && (await statOf(socket)) === undefined) throw unreachable(title, 'nothing is there');
      const { status, stdout, words } = await ctr(['namespaces', 'list', '--quiet'], { signal });
      if (status !== 0) throw unreachable(title, words);
      const names = stdout.split(/\s+/).filter((each) => each !== '');
      if (!names.includes(namespace)) throw noNamespace(title, names);
    },
  };
}

function unreachable(title: string, fact: string): SaddlebagError {
  return new SaddlebagError('ERR_TARGET_FAILED', `Cannot talk to ${title}: ${fact}`, {
    hint: 'Start containerd, run the command as root, or name its socket, as in containerd=/run/containerd/containerd.sock.',
  });
}

function noNamespace(title: string, names: readonly string[]): SaddlebagError {
  return new SaddlebagError('ERR_TARGET_REFUSED', `Cannot use ${title}: it has no such namespace`, {
    hint:
      names.length === 0
        ? 'It has none yet: start what uses it first, or make one with "ctr namespaces create NAME".'
        : `It has: ${names.join(', ')}. Name one, as in containerd=NAMESPACE.`,
  });
}
