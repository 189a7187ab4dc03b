import { isIPv6 } from 'node:net';
import { quote } from '../yaml/quote.ts';
import { endpointOf } from './endpoint.ts';

/** Why no reference can start with a host, and what to write instead. */
export interface HostFault {
  readonly fact: string;
  readonly hint: string;
}

const NAME = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::\d+)?$/i;

/**
 * Returns why no image can have that host; `undefined` when one can. The grammar is that of references (distribution,
 * `reference/regexp.go` and `normalize.go`); the caller handles the key "*".
 */
export function hostFault(host: string): HostFault | undefined {
  if (host.includes('*'))
    return {
      fact: '"*" alone is the only wildcard that K3s knows',
      hint: 'Write each host by itself, or "*" for all that have no entry.',
    };
  const [, address] = /^\[([^\]]*)\](?::\d+)?$/.exec(host) ?? [];
  if (address === undefined ? !NAME.test(host) : !isIPv6(address))
    return { fact: 'no image has such a host', hint: `Write the host alone: ${quote(bareOf(host))}.` };
  // In "harbor/app", Docker and containerd read "harbor" as a namespace of Docker Hub.
  if (/[.:A-Z]/.test(host) || host === 'localhost') return undefined;
  return {
    fact: 'no image has such a host: without a dot or a port it is a namespace of Docker Hub',
    hint: `Write its full name, or its port: ${quote(`${host}:443`)}.`,
  };
}

function bareOf(host: string): string {
  const { scheme, host: bare } = endpointOf(host);
  const name = scheme === undefined && /^https?:$/i.test(bare) ? '' : bare;
  const inside = /^\[([^\]:]*)\](.*)$/.exec(name);
  const plain = (inside === null ? name : `${inside[1]}${inside[2]}`).trim().replace(/[.:]+$/, '');
  return NAME.test(plain) ? plain : 'registry.example:5000';
}
