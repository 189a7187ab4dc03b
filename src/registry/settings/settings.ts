/**
 * How to reach registries: the content of a K3s `registries.yaml` (rancher/wharfie, `pkg/registries/types.go`), which
 * containerd gets as well. The spec's `registries` has the same shape.
 */
export interface RegistrySettings {
  /** By registry host as in a reference; `*` stands for every host that is not listed. */
  readonly mirrors?: Readonly<Record<string, MirrorSettings | null>> | undefined;
  /** By host and port of an endpoint; `*` stands for every host that is not listed. */
  readonly configs?: Readonly<Record<string, HostSettings>> | undefined;
}

export interface MirrorSettings {
  /** Tried in this order, the registry itself last. */
  readonly endpoint?: readonly string[] | undefined;
  /** Regular expression → replacement, on the repository name, at these endpoints only. */
  readonly rewrite?: Readonly<Record<string, string>> | undefined;
}

export interface HostSettings {
  readonly auth?: AuthSettings | undefined;
  readonly tls?: TlsFileSettings | undefined;
}

interface AuthSettings {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** base64 of `username:password` */
  readonly auth?: string | undefined;
  readonly identity_token?: string | undefined;
}

export interface TlsFileSettings {
  readonly ca_file?: string | undefined;
  readonly cert_file?: string | undefined;
  readonly key_file?: string | undefined;
  readonly insecure_skip_verify?: boolean | undefined;
}

/** Returns the entry of `byHost` for `host`: its own, one under another name of the same host, or that of `*`. */
export function settingOf<T>(byHost: Readonly<Record<string, T>> | undefined, host: string): T | undefined {
  const entries = Object.entries(byHost ?? {});
  const found =
    entries.find(([key]) => key === host) ??
    entries.find(([key]) => key !== '*' && canonicalHost(key) === canonicalHost(host)) ??
    entries.find(([key]) => key === '*');
  return found?.[1];
}

/** Docker Hub has several names, and 443 is the default port. */
export function canonicalHost(host: string): string {
  const lower = host.toLowerCase().replace(/(?<=[^:]):443$|(?<=\]):443$/, '');
  return DOCKER_HUB_HOSTS.has(lower) ? 'docker.io' : lower;
}

const DOCKER_HUB_HOSTS: ReadonlySet<string> = new Set([
  'docker.io',
  'index.docker.io',
  'registry-1.docker.io',
]);
