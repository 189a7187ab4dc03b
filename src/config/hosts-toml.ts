import { mirrorOf } from './mirror.ts';
import { BASIC_PLACEHOLDER, type ConfigFile, originOf, PASSWORD_PLACEHOLDER, type Site } from './site.ts';
import { tomlString } from './toml-string.ts';

/**
 * Returns one `hosts.toml` for each source and one for the registry itself, for containerd's `config_path` (containerd,
 * `docs/hosts.md`). The registry is the `server` and not a host before it, so containerd has no upstream to fall back to.
 */
export function hostsToml(site: Site): readonly ConfigFile[] {
  const { host, sources, username } = site;
  return [
    fileFor(host, originOf(site), site),
    ...sources
      .filter((source) => source !== host)
      .map((source) => fileFor(source, mirrorOf(source, site).endpoint, site)),
    ...(username === undefined ? [] : [credentialsFor(host, username)]),
  ];
}

/**
 * Returns the credentials for containerd's own configuration. A header in `hosts.toml` works for a registry with basic
 * authentication, but not for one that issues tokens (containerd, `docs/cri/registry.md`). Version 2 also reads the older
 * names in a file with `version = 2`.
 */
function credentialsFor(host: string, username: string): ConfigFile {
  const lines = [
    '# Belongs in /etc/containerd/config.toml (version = 2), beside config_path: registries that hand out tokens need it.',
    `# The password goes in place of ${PASSWORD_PLACEHOLDER}. A file with "version = 3" says "io.containerd.cri.v1.images" for "io.containerd.grpc.v1.cri".`,
    `[plugins."io.containerd.grpc.v1.cri".registry.configs.${tomlString(host)}.auth]`,
    `  username = ${tomlString(username)}`,
    `  password = ${tomlString(PASSWORD_PLACEHOLDER)}`,
  ];
  return { path: 'config.toml', text: `${lines.join('\n')}\n` };
}

function fileFor(source: string, endpoint: string, site: Site): ConfigFile {
  const { caFile, username } = site;
  const hasPath = endpoint !== originOf(site);
  const lines = [
    `# /etc/containerd/certs.d/${source}/hosts.toml, where /etc/containerd/certs.d is the config_path of containerd.`,
    `server = ${tomlString(endpoint)}`,
    'capabilities = ["pull", "resolve"]',
    // Otherwise containerd appends "/v2" to the path.
    ...(hasPath ? ['override_path = true'] : []),
    ...(caFile === undefined ? [] : [`ca = ${tomlString(caFile)}`]),
    ...(username === undefined ? [] : credentialLines(username)),
    '',
    // containerd 1.6 rejects a file without the table.
    '# No mirror is asked before the server.',
    '[host]',
  ];
  return { path: `${source}/hosts.toml`, text: `${lines.join('\n')}\n` };
}

/** A raw user name could end the comment. */
function credentialLines(username: string): readonly string[] {
  return [
    '',
    `# In place of ${BASIC_PLACEHOLDER}: base64 of the user, a colon and the password; the user is ${tomlString(username)}.`,
    '[header]',
    `  Authorization = [${tomlString(`Basic ${BASIC_PLACEHOLDER}`)}]`,
  ];
}
