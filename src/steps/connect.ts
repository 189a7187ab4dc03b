import { createHttpClient, type WaitNotice } from '../internal/http/client.ts';
import type { HttpClient } from '../internal/http/http.ts';
import type { Quota } from '../internal/http/quota.ts';
import type { Finding } from '../internal/finding.ts';
import { formatDuration } from '../internal/format.ts';
import { createRegistryClient, type RegistryClient } from '../registry/client.ts';
import { createCredentialStore } from '../registry/credentials/store.ts';
import type { RegistrySettings } from '../registry/settings/settings.ts';
import { tlsFor } from '../registry/settings/tls.ts';
import type { Ears } from './ears.ts';
import type { Surroundings } from './surroundings.ts';

/** What is special about the network for one run of a verb. */
export interface ConnectWish {
  /** Mirrors, credentials and certificates of registries. */
  readonly settings?: RegistrySettings | undefined;
  /** Requests under way to one host; 8 when left out. */
  readonly concurrency?: number | undefined;
  /** Bytes of a blob in one request when it is pushed; any number when left out. */
  readonly uploadChunk?: number | undefined;
}

/** Everything that crosses the network, for one run of a verb. */
export interface Connection extends AsyncDisposable {
  readonly http: HttpClient;
  readonly registries: RegistryClient;
}

/**
 * Opens the network with what this user has: proxies, certificates, credentials. Nothing is asked of anybody yet.
 *
 * @throws `ERR_REGISTRIES_INVALID` when a certificate that the settings name cannot be read
 */
export function connect(wish: ConnectWish, surroundings: Surroundings, ears: Ears): Connection {
  const { settings, concurrency, uploadChunk } = wish;
  const { env, home } = surroundings;
  const { onFinding, signal } = ears;
  const http = createHttpClient({
    env,
    tls: tlsFor(settings),
    onWait: (notice) => onFinding?.(pauseOf(notice)),
    onQuota: (quota) => onFinding?.(scarcityOf(quota)),
    concurrencyPerHost: concurrency,
    signal,
  });
  const credentials = createCredentialStore({ settings, env, home });
  return {
    http,
    registries: createRegistryClient({ http, settings, credentials, uploadChunk }),
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  };
}

/** Whoever sees it should know when to look again: the end is said in the time of the host's own clock. */
function pauseOf({ host, seconds, isQuota }: WaitNotice): Finding {
  const until = `until ${formatTime(new Date(Date.now() + seconds * 1000))}`;
  const pause = `pausing ${formatDuration(seconds)}, ${until}`;
  if (!isQuota)
    return {
      level: 'warning',
      message: `"${host}" asks for a pause of ${formatDuration(seconds)}: ${pause}`,
    };
  return {
    level: 'warning',
    message: `The quota of "${host}" is used up: ${pause}, then going on`,
    hint: `Log in to it to be given more: docker login. What is here already is not fetched again, so the command may also be stopped now and run later.`,
  };
}

function scarcityOf({ host, remaining, window }: Quota & { readonly host: string }): Finding {
  const within = window === undefined ? '' : ` within ${formatDuration(window)}`;
  return {
    level: 'warning',
    message: `"${host}" lets this user pull only ${remaining} more manifests${within}; after that it is waited for`,
    hint: 'Log in to it to be given more: docker login.',
  };
}

function formatTime(moment: Date): string {
  const [hours, minutes] = [moment.getHours(), moment.getMinutes()];
  return `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
}
