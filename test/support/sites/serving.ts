import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AccessEntry, LogEvent } from '../../../src/serve/http/access-log.ts';
import { type Service, type ServiceOptions, startService } from '../../../src/serve/service.ts';
import type { PlannedSample } from '../planned/items.ts';
import { sampleBundle, type SampleBundle } from '../samples/sample-bundle.ts';
import { temporaryFolder } from '../temporary.ts';

/** A server over sample bundles, with what it told. */
export interface Serving extends AsyncDisposable {
  readonly service: Service;
  readonly url: string;
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** The first bundle. */
  readonly bundle: SampleBundle;
  /** Path of the first bundle. */
  readonly path: string;
  readonly accesses: readonly AccessEntry[];
  readonly events: readonly LogEvent[];
  /** Asks for a path of the server. */
  get(path: string, init?: RequestInit): Promise<Response>;
}

export interface ServingOptions extends Partial<ServiceOptions> {
  /** Bundles to serve together, each of these samples; one of the usual samples when left out. */
  readonly bundles?: readonly (readonly PlannedSample[] | undefined)[];
  /** Changes the bytes of the first bundle before it is served. */
  readonly damage?: (tar: Buffer, bundle: SampleBundle) => void;
}

/** Writes bundles to the disk and serves them on a free port of 127.0.0.1. */
export async function startServing(options: ServingOptions = {}): Promise<Serving> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(temporaryFolder());
  const bundles = (options.bundles ?? [undefined]).map((samples) => sampleBundle(samples));
  const [bundle = sampleBundle()] = bundles;
  options.damage?.(bundle.tar, bundle);
  const paths = bundles.map(({ tar }, index) => {
    const path = join(folder.path, `bundle-${index}.tar`);
    writeFileSync(path, tar);
    return path;
  });
  const accesses: AccessEntry[] = [];
  const events: LogEvent[] = [];
  const service = await startService({
    paths,
    host: '127.0.0.1',
    port: 0,
    onAccess: (entry) => accesses.push(entry),
    onEvent: (event) => events.push(event),
    ...options,
  });
  stack.defer(() => service.stop(0));
  const held = stack.move();
  return {
    service,
    url: service.url,
    host: new URL(service.url).host,
    bundle,
    path: paths[0] ?? '',
    accesses,
    events,
    get: async (path, init) => await fetch(`${service.url}${path}`, { redirect: 'manual', ...init }),
    [Symbol.asyncDispose]: () => held[Symbol.asyncDispose](),
  };
}
