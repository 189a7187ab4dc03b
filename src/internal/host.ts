/** A host and what may follow it. */
interface HostPort {
  /** A name or an address; IPv6 in its brackets. */
  readonly host: string;
  readonly port?: string | undefined;
}

/** One of 127.0.0.0/8, in the one spelling that every program reads alike. */
const IPV4_LOOPBACK = /^127(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/;

/** Returns the parts of `HOST[:PORT]`. An IPv6 address with a port stands in brackets. */
export function splitPort(text: string): HostPort {
  const [, host = text, port] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(text) ?? [];
  return { host, port };
}

/**
 * Returns whether nothing but this machine is behind a host: `localhost`, and the loopback addresses of RFC 1122 (3.2.1.3)
 * and RFC 4291 (2.5.3), IPv6 with brackets or without. Names below `.localhost` are not among them, because a resolver may
 * lead them anywhere; credentials travel in clear text by this answer.
 */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  if (bare === 'localhost' || IPV4_LOOPBACK.test(bare)) return true;
  return /^[0:]*:0*1$/.test(bare) && URL.parse(`http://[${bare}]/`)?.hostname === '[::1]';
}
