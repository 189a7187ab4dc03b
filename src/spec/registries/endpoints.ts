import { isIPv6 } from 'node:net';
import { quote } from '../yaml/quote.ts';
import { isMisplacedKey } from './advice.ts';
import { askedUrl, endpointOf, endpointsIn, takenScheme } from './endpoint.ts';
import { hostFault } from './hosts.ts';
import type { Note } from './note.ts';

/** Reports what is wrong with the keys of `mirrors` and with their endpoints. */
export function endpointNotes(mirrors: Readonly<Record<string, unknown>>): readonly Note[] {
  return Object.entries(mirrors).flatMap(([host, mirror]) => {
    const endpoints = endpointsIn(mirror);
    return [
      ...keyNotes(host),
      ...endpoints.flatMap((text, index) =>
        [...notesOn(text), ...repetition(endpoints, index)].map((note): Note => ({
          ...note,
          path: ['mirrors', host, 'endpoint', index],
        })),
      ),
    ];
  });
}

/** The key must be the host of references, and nothing else. */
function keyNotes(host: string): readonly Note[] {
  const at = { path: ['mirrors'], key: host, level: 'error' } as const;
  if (host === '*' || isMisplacedKey(host)) return [];
  const fault = hostFault(host);
  if (fault !== undefined) return [{ ...at, ...fault }];
  if (host === 'index.docker.io' || host === 'registry-1.docker.io')
    return [{ ...at, fact: 'images of Docker Hub are those of "docker.io"', hint: 'Write "docker.io".' }];
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
  return [...schemeRemarks(scheme, host), ...addressRemarks(host), ...pathRemarks(path)];
}

function schemeRemarks(scheme: string | undefined, host: string): readonly Remark[] {
  if (scheme !== undefined) return [];
  const taken = takenScheme(host);
  return [
    {
      level: 'warning',
      fact: `it has no scheme, so K3s takes "${taken}://"`,
      hint: `Write "${taken}://${host}", or the other if that is what it speaks.`,
    },
  ];
}

/**
 * K3s writes the endpoint as a TOML table, and containerd before 2.0 ends the table's name at the first `]` (k3s-io/k3s#9897).
 */
function addressRemarks(host: string): readonly Remark[] {
  const [, address = ''] = /^\[([^\]]*)\]/.exec(host) ?? [];
  if (!isIPv6(address)) return [];
  return [
    {
      level: 'warning',
      fact: 'K3s with containerd before 2.0 drops every mirror of this host for an IPv6 address',
      hint: 'Give the registry a name, in DNS or in /etc/hosts.',
    },
  ];
}

/** Any other path replaces `/v2`. containerd joins paths, so a final slash after one is harmless. */
function pathRemarks(path: string): readonly Remark[] {
  const plain = path.replace(/\/+$/, '');
  if (path === '/')
    return [
      {
        level: 'warning',
        fact: 'K3s from before January 2024 takes the final "/" for the path and asks for images outside "/v2"',
        hint: 'Leave the final "/" out.',
      },
    ];
  if (plain === '' || plain === '/v2') return [];
  if (!plain.startsWith('/v2/'))
    return [
      {
        level: 'warning',
        fact: `K3s asks for images under ${quote(plain)} and not under "/v2"`,
        hint: `Most registries need "/v2${plain}".`,
      },
    ];
  return [
    {
      level: 'warning',
      reader: 'wharfie',
      fact: `K3s reads the path, but what RKE2 and Rancher install nodes with first asks for "${plain}/", which most registries do not answer`,
      hint: `Write the host alone, and the path as a rewrite: '^(.*)$': ${quote(`${plain.slice('/v2/'.length)}/$1`)}.`,
    },
  ];
}

/** K3s before v1.29.3 writes a table for each, and containerd cannot read two with the same name (k3s-io/k3s#9693). */
function repetition(endpoints: readonly string[], index: number): readonly Remark[] {
  const url = askedUrl(endpoints[index] ?? '');
  const first = endpoints.findIndex((text) => askedUrl(text) === url);
  if (first === index) return [];
  return [
    {
      level: 'warning',
      fact: `it is the same as endpoint ${first + 1}, and K3s before v1.29.3 drops every mirror of this host for that`,
      hint: 'Write each endpoint once.',
    },
  ];
}
