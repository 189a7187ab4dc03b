import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RegistrySettings } from '../../../src/registry/settings/settings.ts';

/**
 * Writes the `hosts.toml` files that K3s makes of a `registries.yaml` (k3s, `pkg/agent/containerd`): each mirror's endpoints
 * as hosts before the registry itself, with `override_path` for a path of their own. Rewrites are left out: only the
 * containerd of K3s knows them.
 */
export function writeK3sHosts(folder: string, { mirrors = {}, configs = {} }: RegistrySettings): void {
  for (const [source, mirror] of Object.entries(mirrors)) {
    const hosts = (mirror?.endpoint ?? []).map((endpoint) => {
      const url = new URL(endpoint);
      const ca = configs[url.host]?.tls?.ca_file;
      const isOwn = ['', '/', '/v2'].includes(url.pathname);
      return [
        `[host."${url.origin}${isOwn ? '/v2' : url.pathname}"]`,
        '  capabilities = ["pull", "resolve"]',
        ...(isOwn ? [] : ['  override_path = true']),
        ...(ca === undefined ? [] : [`  ca = [${JSON.stringify(ca)}]`]),
      ].join('\n');
    });
    const server = source === 'docker.io' ? 'registry-1.docker.io' : source;
    mkdirSync(join(folder, source), { recursive: true });
    writeFileSync(
      join(folder, source, 'hosts.toml'),
      `server = "https://${server}/v2"\n\n${hosts.join('\n')}\n`,
    );
  }
}
