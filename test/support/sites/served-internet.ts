import { type Lab, type LabOptions, startLab } from './lab.ts';

/** The program itself in the part of the internet: it serves a bundle that was made from the stand-ins. */
export interface ServedInternet extends AsyncDisposable {
  readonly url: string;
  /** `registries` and `upstreams` of a spec that lead there. */
  readonly routes: string;
  /** The stand-ins; whoever asks them afterwards went past the served bundle. */
  readonly standIns: Lab;
}

/** Builds a bundle of `parts` of a spec from the stand-ins, and starts `bundle serve` over it on a free port of 127.0.0.1. */
export async function startServedInternet(parts: string, options: LabOptions = {}): Promise<ServedInternet> {
  await using stack = new AsyncDisposableStack();
  const lab = stack.use(await startLab(options));
  const spec = lab.spec(parts.replaceAll('SITES', lab.sites.url));
  const built = await lab.run(['build', spec, '-o', 'internet.tar', '--quiet']).ended;
  if (built.status !== 0) throw new Error(built.stderr);
  const server = lab.run(['serve', 'internet.tar', '--listen', '127.0.0.1:0']);
  stack.defer(async () => {
    server.kill('SIGTERM');
    await server.ended;
  });
  const url = await server.line(/^Serving .* at (http:\S+)$/m);
  const held = stack.move();
  return {
    url,
    routes: routesTo(url),
    standIns: lab,
    [Symbol.asyncDispose]: () => held[Symbol.asyncDispose](),
  };
}

/** Returns `registries` and `upstreams` of a spec that lead to a served bundle. */
export function routesTo(url: string): string {
  const upstreams = {
    k3sChannels: `${url}/v1-release/channels`,
    k3sReleases: `${url}/repos/k3s-io/k3s/releases`,
    k3sDownloads: `${url}/k3s-io/k3s/releases/download`,
    k3sSource: `${url}/raw/k3s-io/k3s`,
    kubernetes: url,
    rancherDownloads: `${url}/rancher/rancher/releases/download`,
  };
  const registries = `registries:\n  mirrors:\n    docker.io: { endpoint: ["${url}"] }\n`;
  return `${registries}upstreams: ${JSON.stringify(upstreams)}\n`;
}
