import { statOf } from '../../../disk/stat.ts';
import { SaddlebagError } from '../../../internal/error.ts';
import { isDigest } from '../../../oci/digest.ts';
import type { WaitOptions } from '../../../oci/roles.ts';
import type { Engine, HeldImage } from '../engine.ts';
import { type ClientOptions, type ClientResult, runClient } from './program.ts';

export interface ContainerdOptions {
  /** For messages: `containerd`, `k3s`. */
  readonly name: string;
  /** The client and its first arguments. */
  readonly command: readonly string[];
  /** Absolute path. */
  readonly socket: string;
  /** Whether that is on this host, and not in a virtual machine. */
  readonly isHere: boolean;
  readonly namespace: string;
  readonly env: ClientOptions['env'];
}

/**
 * Makes an engine that is containerd, through its own client `ctr`, which every version of it understands.
 *
 * @throws from its functions `ERR_TARGET_FAILED`, `ERR_TARGET_REFUSED`, `ERR_DISK_FULL`
 */
export function containerdEngine(options: ContainerdOptions): Engine {
  const { name, command, socket, isHere, namespace, env } = options;
  const title = `${name} at ${socket}, namespace ${namespace}`;
  const ctr = async (
    parameters: readonly string[],
    { input, signal }: Omit<ClientOptions, 'env'> = {},
  ): Promise<ClientResult> =>
    await runClient([...command, '--address', socket, '--namespace', namespace], parameters, {
      input,
      signal,
      env,
    });
  return {
    title,
    place: `engine:${name}:${namespace}@${socket}`,
    keepsDigests: true,
    async reach({ signal } = {}) {
      // The client would wait ten seconds for it.
      if (isHere && (await statOf(socket)) === undefined) throw unreachable(title, 'nothing is there');
      const { status, stdout, words } = await ctr(['namespaces', 'list', '--quiet'], { signal });
      if (status !== 0) throw unreachable(title, words);
      const names = stdout.split(/\s+/).filter((each) => each !== '');
      if (!names.includes(namespace)) throw noNamespace(title, names);
    },
    async find(image, { signal } = {}) {
      const { status, stdout, words } = await ctr(['images', 'check', `name==${image}`], { signal });
      if (status === 0) return heldImage(stdout, image);
      throw new SaddlebagError('ERR_TARGET_FAILED', `Cannot ask for image "${image}" in ${title}: ${words}`);
    },
    async load(archive, { name: image, platform, signal }) {
      const parameters = ['images', 'import', '--platform', platform, '-'];
      const { status, words } = await ctr(parameters, { input: archive, signal });
      if (status !== 0) throw loadError(words, { title, image });
      // A client that says it is done may have left an image that lacks content.
      const held = await this.find(image, { signal });
      if (held?.isWhole !== true) throw loadError('it is not whole there afterwards', { title, image });
    },
    async remove(image, { signal }: WaitOptions = {}) {
      const { status, words } = await ctr(['images', 'remove', image], { signal });
      return status === 0 || /not found/i.test(words) ? undefined : words;
    },
  };
}

/**
 * Reads the table of `ctr images check`: reference, type, digest, status, size, unpacked. Missing images have no row; what lacks
 * content says `incomplete (2/3)`.
 */
function heldImage(table: string, image: string): HeldImage | undefined {
  for (const line of table.split('\n')) {
    const [name, , digest, status] = line.split(/\s+/);
    if (name === image && isDigest(digest)) return { id: digest, isWhole: status === 'complete' };
  }
  return undefined;
}

function unreachable(title: string, fact: string): SaddlebagError {
  return new SaddlebagError('ERR_TARGET_FAILED', `Cannot talk to ${title}: ${fact}`, {
    hint: 'Start containerd, run the command as root, or say where its socket is: --engine NAME=SOCKET.',
  });
}

function noNamespace(title: string, names: readonly string[]): SaddlebagError {
  return new SaddlebagError('ERR_TARGET_REFUSED', `Cannot use ${title}: it has no such namespace`, {
    hint:
      names.length === 0
        ? 'It has none yet: start what uses it first, or make one with "ctr namespaces create NAME".'
        : `It has: ${names.join(', ')}. Name one with --engine NAME=NAMESPACE.`,
  });
}

function loadError(
  fact: string,
  { title, image }: { readonly title: string; readonly image: string },
): SaddlebagError {
  const message = `Cannot load image "${image}" into ${title}: ${fact}`;
  if (!/no space left/i.test(fact)) return new SaddlebagError('ERR_TARGET_FAILED', message);
  return new SaddlebagError('ERR_DISK_FULL', message, {
    hint: 'Free some space where containerd keeps its content, and run the install again: it goes on where it stopped.',
  });
}
