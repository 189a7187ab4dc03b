import { collectBytes } from '../../../src/internal/bytes.ts';
import { createHttpClient } from '../../../src/internal/http/client.ts';
import type { TlsSettings } from '../../../src/internal/http/http.ts';
import type { Environment } from '../../../src/internal/http/route/proxy.ts';
import type { Descriptor } from '../../../src/oci/descriptor.ts';
import type { Fetcher } from '../../../src/oci/roles.ts';
import { verified } from '../../../src/oci/verified.ts';
import { createRegistryClient, type RegistryClient } from '../../../src/registry/client.ts';
import type { Credential } from '../../../src/registry/credentials/credential.ts';
import type { AwsUser } from '../../../src/registry/ecr/keys.ts';
import type { RegistrySettings } from '../../../src/registry/settings/settings.ts';

export interface TestClientOptions {
  readonly settings?: RegistrySettings;
  /** Credential by host. */
  readonly credentials?: Readonly<Record<string, Credential>>;
  readonly uploadChunk?: number;
  readonly tls?: (origin: string) => TlsSettings | undefined;
  /** Names proxies. */
  readonly env?: Environment;
  /** Milliseconds. */
  readonly now?: () => number;
  /** Whose AWS keys to use. */
  readonly user?: AwsUser;
}

/** A registry client whose HTTP client does not wait long for anything. */
export type TestClient = RegistryClient & AsyncDisposable;

export function openTestClient(options: TestClientOptions = {}): TestClient {
  const { settings, credentials = {}, tls, env, now, uploadChunk, user } = options;
  const http = createHttpClient({
    retries: 2,
    backoff: { base: 0.01, max: 0.02 },
    silenceTimeout: 0.5,
    env,
    tls,
  });
  const client = createRegistryClient({
    http,
    settings,
    uploadChunk,
    user,
    credentials: { find: async (host) => credentials[host] },
    now,
  });
  return { ...client, [Symbol.asyncDispose]: () => http[Symbol.asyncDispose]() };
}

/** Returns content in memory, verified, as every reader of a registry takes it. */
export async function readContent(
  source: Fetcher,
  target: Descriptor,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const onExcess = (): Error => new Error('Cannot read content: it is too long');
  return await collectBytes(verified(source.fetch(target, { signal }), target), {
    limit: 16 * 1024 * 1024,
    onExcess,
  });
}
