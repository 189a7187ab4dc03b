import { isRecord } from '../../internal/json.ts';
import { nearest } from '../../internal/nearest.ts';
import { quote } from '../yaml/quote.ts';
import { endpointOf, endpointsIn } from './endpoint.ts';
import { hostFault } from './hosts.ts';
import type { Note } from './note.ts';

/** Docker Hub's real host and its common name; K3s accepts either. */
const HUB = ['docker.io', 'registry-1.docker.io'];

/** Reports entries of `configs` that no host uses, and settings in them without effect. */
export function configNotes(
  configs: Readonly<Record<string, unknown>>,
  mirrors: Readonly<Record<string, unknown>>,
): readonly Note[] {
  const schemesOf = Map.groupBy(
    Object.values(mirrors).flatMap(endpointsIn).map(endpointOf),
    ({ host }) => host,
  );
  const asked: Asked = {
    hosts: new Set([...schemesOf.keys(), ...Object.keys(mirrors)]),
    byName: new Map([...Object.keys(mirrors), ...schemesOf.keys()].map((host) => [nameOf(host), host])),
  };
  return Object.entries(configs).flatMap(([key, config]) => {
    const endpoints = schemesOf.get(key) ?? [];
    const isPlain = endpoints.length > 0 && endpoints.every(({ scheme }) => scheme === 'http');
    return [
      ...keyNotes(key, asked),
      ...authNotes(key, config),
      ...(isPlain && isRecord(config) && isRecord(config['tls']) ? [idleTls(key)] : []),
    ];
  });
}

/** The hosts that K3s contacts. */
interface Asked {
  readonly hosts: ReadonlySet<string>;
  /** By name without a port. */
  readonly byName: ReadonlyMap<string, string>;
}

/** With more hosts than this, typos are not looked for. */
const NEAR_LIMIT = 100;

/** The key must match an endpoint's host exactly, port included. */
function keyNotes(key: string, asked: Asked): readonly Note[] {
  const at = { path: ['configs'], key } as const;
  if (key === '*' || asked.hosts.has(key) || (HUB.includes(key) && HUB.some((host) => asked.hosts.has(host))))
    return [];
  const { host } = endpointOf(key);
  if (host !== key)
    return [
      {
        ...at,
        level: 'error',
        fact: 'K3s looks for a host here',
        hint: `Write ${quote(host)}, without scheme and path.`,
      },
    ];
  const fault = hostFault(key);
  if (fault !== undefined) return [{ ...at, level: 'error', ...fault }];
  const same = asked.byName.get(nameOf(key));
  if (same !== undefined)
    return [
      {
        ...at,
        level: 'error',
        fact: `K3s asks "${same}", and these settings are for another port`,
        hint: `Write ${quote(same)}: the key is the host and port exactly as the endpoint has them.`,
      },
    ];
  // Credentials for a registry without a mirror are perfectly normal.
  if (asked.hosts.size === 0) return [];
  const near = asked.hosts.size > NEAR_LIMIT ? undefined : nearest(key, asked.hosts);
  return [
    {
      ...at,
      level: 'warning',
      fact: 'no mirror has this host as an endpoint, so this applies only to images named after it',
      hint: near === undefined ? undefined : `Did you mean ${quote(near)}?`,
    },
  ];
}

/** Notes on credentials never repeat any of them. */
function authNotes(host: string, config: unknown): readonly Note[] {
  const auth: unknown = isRecord(config) ? config['auth'] : undefined;
  if (!isRecord(auth)) return [];
  const path = ['configs', host, 'auth'];
  const has = (key: string): boolean => auth[key] !== undefined && auth[key] !== '';
  const notes: Note[] = [];
  if (has('username') !== has('password') && !has('auth'))
    notes.push({
      level: 'warning',
      path,
      fact: `there is a ${has('username') ? 'username without a password' : 'password without a username'}`,
    });
  if (has('auth') && !isBasic(auth['auth']))
    notes.push({
      level: 'error',
      path: [...path, 'auth'],
      fact: 'it is not base64 of a user, a colon and a password',
      hint: "Make it with: printf %s 'USER:PASSWORD' | base64 -w0",
    });
  return notes;
}

function isBasic(value: unknown): boolean {
  if (typeof value !== 'string') return true;
  // A variable is replaced before anyone reads it.
  if (/^\$\{\w+\}$/.test(value)) return true;
  return (
    /^[A-Za-z0-9+/]+={0,2}$/.test(value) && Buffer.from(value, 'base64').toString('latin1').includes(':')
  );
}

function idleTls(host: string): Note {
  return {
    level: 'warning',
    path: ['configs', host],
    key: 'tls',
    fact: 'every endpoint of this host begins with "http://", so there is no TLS to set up',
  };
}

function nameOf(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase();
}
