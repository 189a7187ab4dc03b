import { encodeYaml } from './encode-yaml.ts';
import { rewritesOf } from './rewrites.ts';
import { type ConfigFile, originOf, PASSWORD_PLACEHOLDER, type Site } from './site.ts';

/**
 * Returns K3s's `registries.yaml`, which RKE2 and the K3s inside Rancher's container read as well (rancher/wharfie,
 * `pkg/registries/types.go`).
 */
export function registriesYaml(site: Site): ConfigFile {
  const mirrors = Object.fromEntries([
    // How to reach the registry itself, for images that carry its name.
    [site.host, { endpoint: [originOf(site)] }],
    ...site.sources
      .filter((source) => source !== site.host)
      .map((source) => [source, entryOf(source, site)] as const),
  ]);
  const config = configOf(site);
  const value = config === undefined ? { mirrors } : { mirrors, configs: { [site.host]: config } };
  return { path: 'registries.yaml', text: `${headOf(site)}${encodeYaml(value)}` };
}

function entryOf(source: string, site: Site): object {
  const rewrite = rewritesOf(source, site);
  const endpoint = [originOf(site)];
  return Object.keys(rewrite).length === 0 ? { endpoint } : { endpoint, rewrite };
}

/** The key must be the endpoint's host, port included. */
function configOf({ username, caFile }: Site): object | undefined {
  if (username === undefined && caFile === undefined) return undefined;
  return {
    auth: username === undefined ? undefined : { username, password: PASSWORD_PLACEHOLDER },
    tls: caFile === undefined ? undefined : { ca_file: caFile },
  };
}

function headOf({ username, caFile }: Site): string {
  return [
    '# /etc/rancher/k3s/registries.yaml of every node (RKE2: /etc/rancher/rke2/registries.yaml); read when K3s starts.',
    '# "k3s server --disable-default-registry-endpoint" keeps K3s from asking the public registries after these.',
    '# At most one pattern matches a name, because K3s applies rewrites in any order.',
    ...(username === undefined
      ? []
      : [`# K3s expands no variables: put the password in place of ${PASSWORD_PLACEHOLDER}.`]),
    ...(caFile === undefined
      ? []
      : [`# The certificate of the authority must be on the node, where ca_file says.`]),
    '',
  ].join('\n');
}
