import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { messageOf, SaddlebagError } from '../internal/error.ts';
import type { Finding } from '../internal/finding.ts';
import { isLoopback } from '../internal/host.ts';
import { formatAccess, formatEvent, type LogFormat } from '../serve/http/access-log.ts';
import { type Guard, passwordGuard } from '../serve/access/guard.ts';
import { parseHtpasswd } from '../serve/access/htpasswd.ts';
import { startService } from '../serve/service.ts';
import { trustedKeys } from '../steps/trusted-keys.ts';
import type { Ears } from '../steps/ears.ts';
import type { Surroundings } from '../steps/surroundings.ts';

/** What a user wants served, and how. */
export interface ServeWish {
  /** Bundles and OCI image layouts to serve together; of what several have, the first one's is served. */
  readonly paths: readonly string[];
  /** Where to listen; port 0 is any that is free. `127.0.0.1:5000` when left out. */
  readonly listen?: { readonly host: string; readonly port: number } | undefined;
  /** Paths of PEM files: serves HTTPS. */
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  /** Path of a password file; everybody may read when left out. */
  readonly htpasswd?: string | undefined;
  /** How each line of the log is written; text when left out. */
  readonly log?: LogFormat | undefined;
  /** Path of the public key that must have signed the bundles, in place of any that is trusted on this host. */
  readonly key?: string | undefined;
}

/** A server has more to tell than how far it is. */
export interface ServeEars extends Ears {
  /** Hears once it answers. */
  readonly onListening?: ((serving: Serving) => void) | undefined;
  /** Hears the lines of the log: one for each request, and one for each thing that is wrong. */
  readonly onLog?: ((line: string) => void) | undefined;
}

/** What is being served, and where. */
export interface Serving {
  /** `http://HOST:PORT` */
  readonly url: string;
  readonly bundles: number;
  readonly items: number;
}

/** What was served until it was stopped. */
export interface ServeResult extends Serving {
  readonly requests: number;
  /** Sent (bytes). */
  readonly bytes: number;
  readonly seconds: number;
}

/** Registries have listened there since the first one. */
const DEFAULT_LISTEN = { host: '127.0.0.1', port: 5000 } as const;
/** Whoever is in the middle of a pull has this long (milliseconds) after the one who serves wants to stop. */
const STOP_GRACE = 10_000;

/**
 * Serves bundles over HTTP, read in place, until `signal` fires; that is its ordinary end and no error.
 *
 * @throws what `openBundle` throws; `ERR_LISTEN_FAILED`, `ERR_CREDENTIALS_INVALID`, `ERR_USAGE_INVALID`
 */
export async function serveBundles(
  wish: ServeWish,
  surroundings: Surroundings,
  ears: ServeEars = {},
): Promise<ServeResult> {
  const { paths, listen = DEFAULT_LISTEN, log = 'text', htpasswd, key } = wish;
  const { signal, onLog, onListening, onFinding } = ears;
  const started = performance.now();
  const tls = await readTls(wish);
  const guard = htpasswd === undefined ? undefined : await readGuard(htpasswd);
  const trust = await trustedKeys(key, surroundings, { signal });
  const service = await startService({
    paths,
    host: listen.host,
    port: listen.port,
    signal,
    tls,
    guard,
    trust,
    // A key that is named is meant; one that is trusted on this host was asked for when the layout was filled.
    signedOnly: key !== undefined,
    onAccess: (entry) => onLog?.(formatAccess(entry, log, new Date())),
    onEvent: (event) => onLog?.(formatEvent(event, log, new Date())),
  });
  const { url, library, counts } = service;
  for (const finding of exposureOf(listen.host, { tls: tls !== undefined, guard: guard !== undefined }))
    onFinding?.(finding);
  const serving = { url, bundles: library.holdings.length, items: library.items.length };
  onListening?.(serving);
  if (signal?.aborted !== true) await once(signal ?? new AbortController().signal, 'abort');
  await service.stop(STOP_GRACE);
  return { ...serving, ...counts, seconds: (performance.now() - started) / 1000 };
}

/** What others on the network can do, said plainly. */
function exposureOf(
  host: string,
  has: { readonly tls: boolean; readonly guard: boolean },
): readonly Finding[] {
  if (isLoopback(host)) return [];
  const lacks = [
    ...(has.guard ? [] : ['whoever reaches it may read everything']),
    ...(has.tls ? [] : ['what is sent can be read and changed on the way']),
  ];
  return [
    {
      level: 'warning',
      message: `Serving beyond this host, at ${host}${lacks.length === 0 ? '' : `: ${lacks.join('; ')}`}`,
      hint:
        lacks.length === 0
          ? undefined
          : 'Ask for passwords with --htpasswd, and encrypt with --tls-cert and --tls-key.',
    },
  ];
}

async function readTls({
  tlsCert,
  tlsKey,
}: ServeWish): Promise<{ readonly cert: string; readonly key: string } | undefined> {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined)
    throw new SaddlebagError(
      'ERR_USAGE_INVALID',
      'Cannot serve over TLS: --tls-cert and --tls-key go together',
    );
  return { cert: await readText(tlsCert), key: await readText(tlsKey) };
}

async function readGuard(path: string): Promise<Guard> {
  const passwords = parseHtpasswd(await readText(path), path);
  return await passwordGuard(passwords);
}

/** A file of this kind has a few kilobytes; the system's message says nothing of what is in it. */
async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new SaddlebagError('ERR_CREDENTIALS_INVALID', `Cannot read "${path}": ${messageOf(cause)}`, {
      cause,
    });
  }
}
