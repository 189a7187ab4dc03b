import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf, SaddlebagError } from '../internal/error.ts';
import type { Finding } from '../internal/finding.ts';
import { isLoopback } from '../internal/host.ts';
import { formatAccess, formatEvent, type LogFormat } from '../serve/http/access-log.ts';
import { type Guard, passwordGuard } from '../serve/access/guard.ts';
import { parseHtpasswd } from '../serve/access/htpasswd.ts';
import { startService } from '../serve/service.ts';
import { trustedKeys, type TrustWish } from '../steps/signing/trusted-keys.ts';
import { bundleOpener, isCarried, type NetworkWish } from '../steps/carrier.ts';
import type { Ears } from '../steps/ears.ts';
import type { Surroundings } from '../steps/surroundings.ts';

/** What to serve, and how. */
export interface ServeWish extends TrustWish, NetworkWish {
  /** Bundles, also in registries, and OCI image layouts to serve together; when several have the same name, the first one wins. */
  readonly paths: readonly string[];
  /** Where to listen; port 0 picks any free port. `127.0.0.1:5000` when left out. */
  readonly listen?: { readonly host: string; readonly port: number } | undefined;
  /** Paths of PEM files; when given, the server speaks HTTPS. */
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  /** Path of a password file; anyone may read when left out. */
  readonly htpasswd?: string | undefined;
  /** Format of the log lines; text when left out. */
  readonly log?: LogFormat | undefined;
}

/** A server reports more than progress. */
export interface ServeEars extends Ears {
  /** Called once the server answers requests. */
  readonly onListening?: ((serving: Serving) => void) | undefined;
  /** Called with each log line: one per request, and one per problem. */
  readonly onLog?: ((line: string) => void) | undefined;
}

/** What is being served, and where. */
export interface Serving {
  /** `http://HOST:PORT` */
  readonly url: string;
  readonly bundles: number;
  readonly items: number;
}

/** What was served before the server stopped. */
export interface ServeResult extends Serving {
  readonly requests: number;
  /** Bytes sent. */
  readonly bytes: number;
  readonly seconds: number;
}

/** The usual port of a registry. */
const DEFAULT_LISTEN = { host: '127.0.0.1', port: 5000 } as const;
/** How long (milliseconds) running pulls may take to finish after a stop was requested. */
const STOP_GRACE = 10_000;

/**
 * Serves bundles over HTTP, reading them in place, until `signal` fires; that is the normal end, not an error.
 *
 * @throws what `bundleOpener` throws; `ERR_LISTEN_FAILED`, `ERR_CREDENTIALS_INVALID`, `ERR_USAGE_INVALID`
 */
export async function serveBundles(
  wish: ServeWish,
  surroundings: Surroundings,
  ears: ServeEars = {},
): Promise<ServeResult> {
  const { paths, listen = DEFAULT_LISTEN, log = 'text', htpasswd, key } = wish;
  const { signal, onLog, onListening, onFinding, onNetwork } = ears;
  const started = performance.now();
  const tls = await readTls(wish);
  const guard = htpasswd === undefined ? undefined : await readGuard(htpasswd);
  const trust = await trustedKeys(key, surroundings, { signal, needed: wish.keysNeeded });
  const ownKit = surroundings.env['SADDLEBAG_KIT'];
  const service = await startService({
    paths,
    host: listen.host,
    port: listen.port,
    signal,
    tls,
    guard,
    trust,
    // A key given by option applies to image layouts too; a key trusted on this host was checked when the layout was
    // filled.
    signedOnly: key !== undefined,
    open: bundleOpener(wish, surroundings, { signal, onFinding, onNetwork }),
    kitFolders: [
      ...paths.filter((path) => !isCarried(path)).map((path) => dirname(path)),
      ...(ownKit === undefined ? [] : [ownKit]),
    ],
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

/** Warns in plain words about what others on the network can do. */
function exposureOf(
  host: string,
  has: { readonly tls: boolean; readonly guard: boolean },
): readonly Finding[] {
  if (isLoopback(host)) return [];
  const lacks = [
    ...(has.guard ? [] : ['anyone who reaches it can read everything']),
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

/** Such a file has a few kilobytes at most. The system's error message reveals none of its content. */
async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new SaddlebagError('ERR_CREDENTIALS_INVALID', `Cannot read "${path}": ${messageOf(cause)}`, {
      cause,
    });
  }
}
