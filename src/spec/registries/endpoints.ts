import { isLoopback, splitPort } from '../../internal/host.ts';
import { isRecord } from '../../internal/json.ts';
import { quote } from '../yaml/quote.ts';
import type { Note } from './note.ts';

/** An endpoint as K3s takes it apart. */
export interface Endpoint {
  readonly scheme: string | undefined;
  /** Host with the port as it is written. */
  readonly host: string;
  readonly path: string;
}

/** Returns the parts of an endpoint. */
export function endpointOf(text: string): Endpoint {
  const [, scheme, host = '', path = ''] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?([^/]*)(.*)$/is.exec(text) ?? [];
  return { scheme: scheme?.toLowerCase(), host, path };
}

/** Returns the endpoints of a mirror, those that are text. */
export function endpointsIn(mirror: unknown): readonly string[] {
  const endpoints: unknown = isRecord(mirror) ? mirror['endpoint'] : undefined;
  return Array.isArray(endpoints) ? endpoints.filter((one: unknown) => typeof one === 'string') : [];
}

/** Tells what is wrong with the keys of `mirrors` and with their endpoints. */
export function endpointNotes(mirrors: Readonly<Record<string, unknown>>): readonly Note[] {
  return Object.entries(mirrors).flatMap(([host, mirror]) => [
    ...keyNotes(host),
    ...endpointsIn(mirror).flatMap((text, index) =>
      notesOn(text).map((note): Note => ({ ...note, path: ['mirrors', host, 'endpoint', index] })),
    ),
  ]);
}

/** The key is the host of references, and nothing else. */
function keyNotes(host: string): readonly Note[] {
  const at = { path: ['mirrors'], key: host } as const;
  if (host === '*') return [];
  if (/[/\s]/.test(host)) {
    const { host: bare } = endpointOf(host);
    return [
      {
        ...at,
        level: 'error',
        fact: 'no image has such a host',
        hint: `Write the host alone: ${quote(bare)}.`,
      },
    ];
  }
  if (host === 'index.docker.io' || host === 'registry-1.docker.io')
    return [
      {
        ...at,
        level: 'error',
        fact: 'images of Docker Hub are those of "docker.io"',
        hint: 'Write "docker.io".',
      },
    ];
  return [];
}

type Remark = Omit<Note, 'path'>;

function notesOn(text: string): readonly Remark[] {
  const { scheme, host, path } = endpointOf(text);
  if (/[\s@?#]/.test(text) || !URL.canParse(`https://${host}`) || /^https?:\/[^/]/i.test(text))
    return [
      {
        level: 'error',
        fact: 'it is not a plain URL',
        hint: 'Write "https://HOST[:PORT]"; credentials belong under configs.',
      },
    ];
  if (scheme !== undefined && scheme !== 'https' && scheme !== 'http')
    return [
      { level: 'error', fact: `it has the scheme ${quote(scheme)}`, hint: 'Write "https://" or "http://".' },
    ];
  return [...schemeRemarks(scheme, host), ...pathRemarks(path)];
}

/** K3s' own rule (`pkg/agent/containerd/config.go`): HTTPS where no scheme is written, but HTTP for an odd port of loopback. */
function schemeRemarks(scheme: string | undefined, host: string): readonly Remark[] {
  if (scheme !== undefined) return [];
  const { host: name, port = '443' } = splitPort(host);
  const taken = isLoopback(name) && port !== '443' && port !== '80' ? 'http' : 'https';
  return [
    {
      level: 'warning',
      fact: `it has no scheme, so K3s takes "${taken}://"`,
      hint: `Write "${taken}://${host}", or the other if that is what it speaks.`,
    },
  ];
}

/** Any path but these three takes the place of `/v2`. */
function pathRemarks(path: string): readonly Remark[] {
  if (['', '/', '/v2'].includes(path) || /^\/v2\/.*[^/]$/.test(path)) return [];
  if (path.endsWith('/'))
    return [
      {
        level: 'error',
        fact: 'K3s uses its path as it is, final slash and all',
        hint: 'Leave the final "/" out.',
      },
    ];
  return [
    {
      level: 'warning',
      fact: `K3s asks for images under ${quote(path)} and not under "/v2"`,
      hint: `Most registries need "/v2${path}".`,
    },
  ];
}
