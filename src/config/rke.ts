import { encodeYaml } from './encode-yaml.ts';
import { type ConfigFile, PASSWORD_PLACEHOLDER, type Site, systemDefaultRegistry } from './site.ts';

/** Returns the part of RKE's `cluster.yml` that makes it pull all images from the registry. */
export function rke(site: Site): ConfigFile {
  const { username } = site;
  const registry = {
    url: systemDefaultRegistry(site),
    user: username,
    password: username === undefined ? undefined : PASSWORD_PLACEHOLDER,
    is_default: true,
  };
  const head = [
    '# Part of rancher-cluster.yml. The Docker of every node has to trust the registry: see "bundle config daemon.json".',
    ...(username === undefined ? [] : [`# Put the password in place of ${PASSWORD_PLACEHOLDER}.`]),
    '',
  ].join('\n');
  return { path: 'rancher-cluster.yml', text: `${head}${encodeYaml({ private_registries: [registry] })}` };
}
