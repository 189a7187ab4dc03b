import { isLoopback, splitPort } from '../../internal/host.ts';
import { isRecord } from '../../internal/json.ts';

/** An endpoint, split as K3s does it. */
export interface Endpoint {
  readonly scheme: string | undefined;
  /** Host with the port as written. */
  readonly host: string;
  readonly path: string;
}

/** Returns the parts of an endpoint. */
export function endpointOf(text: string): Endpoint {
  const [, scheme, host = '', path = ''] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?([^/]*)(.*)$/is.exec(text) ?? [];
  return { scheme: scheme?.toLowerCase(), host, path };
}

/** Returns a mirror's endpoints that are text. */
export function endpointsIn(mirror: unknown): readonly string[] {
  const endpoints: unknown = isRecord(mirror) ? mirror['endpoint'] : undefined;
  return Array.isArray(endpoints) ? endpoints.filter((one: unknown) => typeof one === 'string') : [];
}

/** Returns K3s' default scheme (`pkg/agent/containerd/config.go`): HTTPS, but HTTP for an unusual port of loopback. */
export function takenScheme(host: string): 'http' | 'https' {
  const { host: name, port = '443' } = splitPort(host);
  return isLoopback(name) && port !== '443' && port !== '80' ? 'http' : 'https';
}

/** Returns the URL that K3s uses: to containerd, two endpoints with the same URL are one host. */
export function askedUrl(text: string): string {
  const { scheme, host, path } = endpointOf(text);
  const below = path.replaceAll(/\/+/g, '/').replace(/\/$/, '');
  return `${scheme ?? takenScheme(host)}://${host.toLowerCase()}${below === '' ? '/v2' : below}`;
}
