import { SaddlebagError } from '../../internal/error.ts';
import { withoutCredentials } from '../../internal/http/without-credentials.ts';
import { isLoopback, splitPort } from '../../internal/host.ts';
import { compileRewrite, type Rewrite } from '../settings/rewrite.ts';
import { canonicalHost, type RegistrySettings, settingOf } from '../settings/settings.ts';

/** A place that serves a registry's distribution API. */
export interface Endpoint {
  /** API roots without a final slash, such as `https://host/v2`; more than one when the scheme is unknown. */
  readonly roots: readonly string[];
  /** Host with its port, the key for credentials and certificates. */
  readonly host: string;
  /** Returns a repository's name here. */
  readonly nameOf: Rewrite;
  /** The registry it mirrors, sent as `ns` to a mirror of several (containerd, `hosts.md`). */
  readonly namespace?: string | undefined;
  /** Whether no setting names it: the registry itself, behind its mirrors. */
  readonly isFallback?: boolean | undefined;
}

/** Where to read from a registry and where to write. */
export interface Endpoints {
  /** Mirrors in order, the registry itself last. */
  readonly pull: readonly Endpoint[];
  /** Only the registry itself: containerd never pushes to a mirror either. */
  readonly push: Endpoint;
}

/**
 * Returns the endpoints of a registry. `registry` is a host as in a reference, with a scheme in front to force one.
 *
 * @throws `ERR_REGISTRIES_INVALID` for an endpoint that is not a URL
 */
export function endpointsOf(registry: string, settings: RegistrySettings = {}): Endpoints {
  const { scheme, host } = splitScheme(registry);
  const mirror = settingOf(settings.mirrors, host);
  const mirrors = (mirror?.endpoint ?? []).map((text) =>
    mirrorEndpoint(text, { host, rules: mirror?.rewrite }),
  );
  const named = mirrors.find((endpoint) => canonicalHost(endpoint.host) === canonicalHost(host));
  // With `http://host` as the mirror of `host`, registries.yaml says that the host speaks plain HTTP.
  const roots =
    named !== undefined && scheme === undefined ? named.roots : rootsOf(scheme, apiHost(host), settings);
  const isFallback = mirrors.length > 0 && named === undefined;
  const own: Endpoint = { roots, host: apiHost(host), nameOf: (repository) => repository, isFallback };
  const others = mirrors.filter((endpoint) => !isSame(endpoint, own) || endpoint.nameOf !== NO_REWRITE);
  return { pull: [...others, own], push: own };
}

/** Splits `http://host:5000/` into its scheme and the host as references name it. */
export function splitScheme(registry: string): { scheme: string | undefined; host: string } {
  const [, scheme, host = ''] = /^(?:(https?):\/\/)?(.*?)\/*$/i.exec(registry) ?? [];
  return { scheme: scheme?.toLowerCase(), host };
}

const NO_REWRITE: Rewrite = (repository) => repository;

function mirrorEndpoint(
  text: string,
  { host: registry, rules }: { readonly host: string; readonly rules: Parameters<typeof compileRewrite>[0] },
): Endpoint {
  const { scheme, host: rest } = splitScheme(text);
  const url = URL.parse(`${scheme ?? 'https'}://${rest}`);
  if (url === null || url.username !== '' || url.password !== '' || url.search !== '') throw invalid(text);
  // Any other path replaces "/v2" (containerd: override_path).
  const path = ['', '/', '/v2', '/v2/'].includes(url.pathname) ? '/v2' : url.pathname.replace(/\/+$/, '');
  const schemes = scheme === undefined ? schemesOf(url.host) : [scheme];
  return {
    roots: schemes.map((each) => `${each}://${url.host}${path}`),
    host: url.host,
    nameOf: rules === undefined ? NO_REWRITE : compileRewrite(rules),
    namespace: canonicalHost(url.host) === canonicalHost(registry) ? undefined : canonicalHost(registry),
  };
}

function rootsOf(scheme: string | undefined, host: string, settings: RegistrySettings): readonly string[] {
  const hasTls = settingOf(settings.configs, host)?.tls !== undefined;
  const schemes = scheme === undefined ? (hasTls ? ['https'] : schemesOf(host)) : [scheme];
  return schemes.map((each) => `${each}://${host}/v2`);
}

/** Loopback hosts usually speak plain HTTP (Docker and K3s agree); all others speak HTTPS unless told otherwise. */
function schemesOf(authority: string): readonly string[] {
  const { host, port } = splitPort(authority);
  return isLoopback(host) && port !== '443' ? ['http', 'https'] : ['https'];
}

function apiHost(host: string): string {
  return canonicalHost(host) === 'docker.io' ? 'registry-1.docker.io' : host;
}

function isSame(left: Endpoint, right: Endpoint): boolean {
  return left.roots.join() === right.roots.join();
}

function invalid(text: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_REGISTRIES_INVALID',
    `Cannot use mirror endpoint ${JSON.stringify(withoutCredentials(text))}: it is not a plain URL`,
    { hint: 'Write "https://host[:port]"; credentials belong under configs.' },
  );
}
