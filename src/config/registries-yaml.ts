import { encodeYaml } from './encode-yaml.ts';
import { mirrorOf, movedMirrorOf } from './mirror.ts';
import { type ConfigFile, originOf, PASSWORD_PLACEHOLDER, type Site } from './site.ts';

/**
 * Returns `registries.yaml` of K3s, which RKE2 and the K3s inside Rancher's container read as well (rancher/wharfie,
 * `pkg/registries/types.go`).
 */
export function registriesYaml(site: Site): ConfigFile {
  const mirrors = Object.fromEntries([
    // How the registry itself is spoken to, for images that are named after it.
    [site.host, { endpoint: [originOf(site)] }],
    ...site.sources
      .filter((source) => source !== site.host)
      .map((source) => [source, entryOf(source, site)] as const),
  ]);
  const config = configOf(site);
  const value = config === undefined ? { mirrors } : { mirrors, configs: { [site.host]: config } };
  return { path: 'registries.yaml', text: `${headOf(site)}${encodeYaml(value)}` };
}

/** One repository has one rule at most: where several match, K3s applies whichever comes first in the order of a Go map, which is any. */
function entryOf(source: string, site: Site): object {
  const elsewhere = movedMirrorOf(source, site);
  if (elsewhere !== undefined) {
    const rules = [...elsewhere.moved].map(([from, to]) => [`^${from.replaceAll('.', '\\.')}$`, to] as const);
    return { endpoint: [elsewhere.endpoint], rewrite: Object.fromEntries(rules) };
  }
  const { endpoint, rename } = mirrorOf(source, site);
  if (rename === undefined) return { endpoint: [endpoint] };
  return { endpoint: [endpoint], rewrite: { [`^${rename.from}(.*)$`]: `${rename.to}$1` } };
}

/** Its key must be the host of the endpoint, port included. */
function configOf({ username, caFile }: Site): object | undefined {
  if (username === undefined && caFile === undefined) return undefined;
  return {
    ...(username === undefined ? {} : { auth: { username, password: PASSWORD_PLACEHOLDER } }),
    ...(caFile === undefined ? {} : { tls: { ca_file: caFile } }),
  };
}

function headOf({ username, caFile }: Site): string {
  return [
    '# /etc/rancher/k3s/registries.yaml of every node (RKE2: /etc/rancher/rke2/registries.yaml); read when K3s starts.',
    '# "k3s server --disable-default-registry-endpoint" keeps K3s from asking the public registries after these.',
    ...(username === undefined
      ? []
      : [`# K3s expands no variables: put the password in place of ${PASSWORD_PLACEHOLDER}.`]),
    ...(caFile === undefined
      ? []
      : [`# The certificate of the authority must be on the node, where ca_file says.`]),
    '',
  ].join('\n');
}
