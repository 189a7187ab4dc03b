import { posix, win32 } from 'node:path';
import { SaddlebagError } from '../internal/error.ts';
import { socketOf } from './docker/socket.ts';

/** The engines that can be named. */
export const ENGINES = ['docker', 'podman', 'containerd', 'k3s', 'rke2', 'rancher-desktop'] as const;

type EngineName = (typeof ENGINES)[number];

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
      { hint: `Write it as ${name}=/PATH/TO/SOCKET.` },
    );
  return { name, namespace: before, socket: after === undefined ? undefined : checkedSocket(after, name) };
}

function checkedSocket(text: string, name: EngineName): string {
  if (text !== '' && (/^(?:unix|npipe):/.test(text) || posix.isAbsolute(text) || win32.isAbsolute(text)))
    return socketOf(text, `engine ${name}`);
  throw new SaddlebagError(
    'ERR_USAGE_INVALID',
    `Cannot use engine "${name}=${text}": ${JSON.stringify(text)} is neither a namespace nor the absolute path of a socket`,
    { hint: `Write it as ${name}=/PATH/TO/SOCKET.` },
  );
}
