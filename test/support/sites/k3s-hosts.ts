import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RegistrySettings } from '../../../src/registry/settings/settings.ts';
import { startHttpServer } from '../http/http-server.ts';

/**
 * Does for a plain containerd what K3s does with a `registries.yaml`: writes `hosts.toml` files in which each mirror's
 * endpoint stands before the registry itself (k3s, `pkg/agent/containerd`), and rewrites names as the containerd of K3s does
 * between node and registry. A name that two patterns match is refused: K3s would apply either of them.
 */
export async function startK3sMirrors(
  folder: string,
  { mirrors = {} }: RegistrySettings,
  options: { readonly registry: string },
): Promise<AsyncDisposable> {
  const started = new AsyncDisposableStack();
  for (const [source, mirror] of Object.entries(mirrors)) {
    const rules = Object.entries(mirror?.rewrite ?? {});
    const server = started.use(
      await startHttpServer(async ({ method, path }, response) => {
        const asked = rewritten(path, rules);
        if (asked === undefined) {
          response.writeHead(500).end();
          return;
        }
        const answer = await fetch(`${options.registry}${asked}`, { method, headers: { accept: ACCEPT } });
        response.writeHead(answer.status, Object.fromEntries(answer.headers));
        response.end(Buffer.from(await answer.arrayBuffer()));
      }),
    );
    const origin = source === 'docker.io' ? 'registry-1.docker.io' : source;
    mkdirSync(join(folder, source), { recursive: true });
    writeFileSync(
      join(folder, source, 'hosts.toml'),
      `server = "https://${origin}/v2"\n\n[host."${server.url}/v2"]\n  capabilities = ["pull", "resolve"]\n`,
    );
  }
  return started;
}

const ACCEPT = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  '*/*',
].join(', ');

function rewritten(path: string, rules: readonly (readonly [string, string])[]): string | undefined {
  const [, name, rest = ''] = /^\/v2\/(.+?)(\/(?:manifests|blobs)\/.*)$/.exec(path) ?? [];
  if (name === undefined) return path;
  const matching = rules.filter(([pattern]) => new RegExp(pattern).test(name));
  if (matching.length > 1) return undefined;
  const [[pattern, replacement] = ['', '']] = matching;
  return `/v2/${pattern === '' ? name : name.replace(new RegExp(pattern), replacement)}${rest}`;
}
