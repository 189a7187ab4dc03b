import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type InProcessRegistry, startRegistry } from '../registry/registry.ts';
import { type MainProcess, startMain } from '../process/run-main.ts';
import { sampleImage } from '../samples/sample-image.ts';
import { temporaryFolder } from '../temporary.ts';
import { startUpstream, type Upstream, type UpstreamOptions } from './upstream.ts';

/** A stand-in for the internet, an offline host and its registry, and a folder for what goes between. */
export interface Lab extends AsyncDisposable {
  readonly internet: InProcessRegistry;
  readonly sites: Upstream;
  readonly offline: InProcessRegistry;
  readonly at: (...path: readonly string[]) => string;
  /** Writes a spec of these parts whose registries and upstreams are the lab's; returns its path. */
  readonly spec: (parts: string, name?: string) => string;
  /** Starts the program with nothing of this user's home or proxies. */
  readonly run: (argv: readonly string[], env?: Readonly<Record<string, string>>) => MainProcess;
}

/** Image names of the lab; each is there for two platforms, and they share a layer. */
export const LAB_IMAGES = [
  'rancher/rancher:v2.9.2',
  'rancher/shell:v0.2.1',
  'rancher/mirrored-pause:3.6',
] as const;

/** What this user has set for the program must not reach it. */
const NO_ONE = {
  XDG_CACHE_HOME: '',
  XDG_CONFIG_HOME: '',
  XDG_STATE_HOME: '',
  SADDLEBAG_KEY_PASSPHRASE: '',
  SADDLEBAG_TRUSTED_KEY: '',
} as const;

export interface LabOptions extends UpstreamOptions {
  /** Size (bytes) of a layer of its images. */
  readonly layerBytes?: number;
  /** `registries` and `upstreams` of its specs; they lead to the stand-ins when left out. */
  readonly routes?: string;
}

/** Starts a lab. */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(temporaryFolder());
  const internet = stack.use(await startRegistry());
  const sites = stack.use(await startUpstream(options));
  const offline = stack.use(await startRegistry());
  const layers = options.layerBytes === undefined ? {} : { layerBytes: options.layerBytes };
  for (const name of LAB_IMAGES) {
    const [repository = '', tag] = name.split(':');
    const platforms = ['linux/amd64', 'linux/arm64'];
    await internet.seed(repository, sampleImage({ name, platforms, sharedLayers: ['base'], ...layers }), tag);
  }
  const at = (...path: readonly string[]): string => join(folder.path, ...path);
  mkdirSync(at('home'));
  const held = stack.move();
  return {
    internet,
    sites,
    offline,
    at,
    spec: (parts, name = 'lab.yaml') => {
      const registries = `registries:\n  mirrors:\n    docker.io: { endpoint: ["${internet.url}"] }\n`;
      const upstreams = `upstreams: ${JSON.stringify(sites.upstreams)}\n`;
      const routes = options.routes ?? `${registries}${upstreams}`;
      writeFileSync(at(name), `bundle: 1\nname: lab\n${parts}${routes}`);
      return at(name);
    },
    run: (argv, env = {}) =>
      startMain(argv, {
        cwd: folder.path,
        env: { ...NO_ONE, HOME: at('home'), ...env },
      }),
    [Symbol.asyncDispose]: () => held[Symbol.asyncDispose](),
  };
}
