/** A host and what may follow it. */
interface HostPort {
  /** A name or an address; IPv6 in its brackets. */
  readonly host: string;
  readonly port?: string | undefined;
}

/** A 127.0.0.0/8 address, in the only spelling that every program reads alike. */
const IPV4_LOOPBACK = /^127(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/;

/** Returns the parts of `HOST[:PORT]`. An IPv6 address with a port stands in brackets. */
export function splitPort(text: string): HostPort {
  const [, host = text, port] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(text) ?? [];
  return { host, port };
}

/**
 * Returns whether a host can only be this machine: `localhost`, and the loopback addresses of RFC 1122 (3.2.1.3) and RFC 4291
 * (2.5.3), IPv6 with or without brackets. Names below `.localhost` do not count, because a resolver may point them anywhere,
 * and credentials travel in clear text to a loopback host.
 */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  if (bare === 'localhost' || IPV4_LOOPBACK.test(bare)) return true;
  return /^[0:]*:0*1$/.test(bare) && URL.parse(`http://[${bare}]/`)?.hostname === '[::1]';
}
