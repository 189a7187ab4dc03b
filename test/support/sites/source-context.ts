import type { Finding } from '../../../src/internal/finding.ts';
import { createHttpClient } from '../../../src/internal/http/client.ts';
import type { HttpClient } from '../../../src/internal/http/http.ts';
import { createImageUpstream } from '../../../src/sources/images/upstream.ts';
import type { SourceContext } from '../../../src/sources/source.ts';
import { createWebUpstream } from '../../../src/sources/web/upstream.ts';
import { memoryRegistries } from '../registry/memory-registry.ts';
import type { SampleImage } from '../samples/sample-image.ts';
import { startUpstream, type Upstream, type UpstreamOptions } from './upstream.ts';

/** What a test of a source works with: the real clients, a running upstream, and the warnings so far. */
export interface SourceBench extends AsyncDisposable {
  readonly upstream: Upstream;
  readonly context: SourceContext;
  readonly warnings: readonly Finding[];
  /** Paths asked for, with their methods: `GET /path`. */
  asked(): readonly string[];
}

export interface SourceBenchOptions extends UpstreamOptions {
  readonly images?: Readonly<Record<string, SampleImage>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Starts an upstream and returns a context that asks it. */
export async function startBench(options: SourceBenchOptions = {}): Promise<SourceBench> {
  const upstream = await startUpstream(options);
  const client = impatientClient();
  const web = createWebUpstream(client);
  const images = createImageUpstream(memoryRegistries(options.images ?? {}).registryOf);
  const { env = {}, signal } = options;
  const warnings: Finding[] = [];
  return {
    upstream,
    warnings,
    context: {
      web,
      ask: async (question, key) =>
        await question.ask(key, { images, web, upstreams: upstream.upstreams, env, signal }),
      images,
      upstreams: upstream.upstreams,
      env,
      host: { os: 'linux', env, home: '/nowhere' },
      now: Date.now(),
      warn: (finding) => warnings.push(finding),
      signal,
    },
    asked: () => upstream.requests.map(({ method, path }) => `${method} ${path}`),
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

/** Returns the real client with pauses too short to wait for. */
export function impatientClient(): HttpClient {
  return createHttpClient({ retries: 2, backoff: { base: 0.001, max: 0.002 }, silenceTimeout: 1 });
}
