import { createHttpClient, type WaitNotice } from '../internal/http/client.ts';
import type { HttpClient } from '../internal/http/http.ts';
import type { Quota } from '../internal/http/quota.ts';
import type { Finding } from '../internal/finding.ts';
import { formatDuration } from '../internal/format.ts';
import { createRegistryClient, type RegistryClient } from '../registry/client.ts';
import { createCredentialStore } from '../registry/credentials/store.ts';
import type { RegistrySettings } from '../registry/settings/settings.ts';
import { certificateFolders } from '../registry/settings/certificate-folders.ts';
import { tlsFor } from '../registry/settings/tls.ts';
import type { Ears } from './ears.ts';
import type { Surroundings } from './surroundings.ts';

/** Network settings for one run of a verb. */
export interface ConnectWish {
  /** Mirrors, credentials and certificates of registries. */
  readonly settings?: RegistrySettings | undefined;
  /** Path of a PEM file with certificate authorities to trust at every host, besides those of this machine. */
  readonly caFile?: string | undefined;
  /** Concurrent requests per host; up to 32 when left out, of which 8 may be large transfers. */
  readonly concurrency?: number | undefined;
  /** Maximum bytes of a blob in one push request; no limit when left out. */
  readonly uploadChunk?: number | undefined;
}

/** Every network client for one run of a verb. */
export interface Connection extends AsyncDisposable {
  readonly http: HttpClient;
  readonly registries: RegistryClient;
}

/**
 * Sets up the network with the user's proxies, certificates and credentials. No request is made yet.
 *
 * @throws `ERR_REGISTRIES_INVALID` when a certificate that the settings name cannot be read, `ERR_USAGE_INVALID` for a bad
 * `caFile`
 */
export function connect(wish: ConnectWish, surroundings: Surroundings, ears: Ears): Connection {
  const { settings, caFile, concurrency, uploadChunk } = wish;
  const { env, home, host, clock } = surroundings;
  const { platform } = host;
  const { onFinding, onNetwork, signal } = ears;
  const http = createHttpClient({
    env,
    tls: tlsFor(settings, { caFile, certificateFolders: certificateFolders({ env, home, platform }) }),
    onWait: (notice) => {
      const { host: busy, seconds, isQuota } = notice;
      onNetwork?.({ type: 'pause', host: busy, seconds: Math.ceil(seconds), isQuota });
      onFinding?.(pauseOf(notice));
    },
    onNotice: onNetwork,
    clock,
    onQuota: (quota) => onFinding?.(scarcityOf(quota)),
    concurrencyPerHost: concurrency,
    signal,
  });
  const credentials = createCredentialStore({ settings, env, home, onFinding });
  return {
    http,
    registries: createRegistryClient({ http, settings, credentials, uploadChunk, user: { env, home } }),
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  };
}

/** Gives the end of a wait in local time, so that users know when to look again. */
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
    message: `The quota of "${host}" is used up: ${pause}, then continuing`,
    hint: `Log in with "docker login" for a larger quota. What is already here is not fetched again, so you can also stop the command now and run it later.`,
  };
}

function scarcityOf({ host, remaining, window }: Quota & { readonly host: string }): Finding {
  const within = window === undefined ? '' : ` within ${formatDuration(window)}`;
  return {
    level: 'warning',
    message: `"${host}" lets this user pull only ${remaining} more manifests${within}; after that, the command waits`,
    hint: 'Log in with "docker login" for a larger quota.',
  };
}

function formatTime(moment: Date): string {
  const [hours, minutes] = [moment.getHours(), moment.getMinutes()];
  return `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
}
