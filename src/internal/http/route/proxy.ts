import { BlockList, isIP } from 'node:net';
import { SaddlebagError } from '../../error.ts';
import { isLoopback } from '../../host.ts';
import { redactUrl } from '../redact.ts';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Returns the URL of the proxy that the environment names for `url`, or `undefined` to connect directly. The rules are those of
 * Go programs, which run on the same machines: loopback is never proxied; `NO_PROXY` takes names (with their subdomains),
 * `.suffix`, `host:port`, single addresses, networks in CIDR notation, and `*`. (undici's own parser knows neither loopback nor
 * networks.)
 *
 * @throws `ERR_USAGE_INVALID` when the variable does not hold the URL of a proxy
 */
export function proxyFor(url: URL, env: Environment): string | undefined {
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const value = variable(env, name);
  if (value === '' || staysHere(hostOf(url)) || isExempt(url, variable(env, 'NO_PROXY'))) return undefined;
  const text = SCHEME.test(value) ? value : `http://${value}`;
  const proxy = readProxy(text);
  if (proxy !== undefined) return proxy;
  const isScript = /\.(?:pac|dat)$/i.test(text);
  throw new SaddlebagError(
    'ERR_USAGE_INVALID',
    `Cannot use ${name} "${redactUrl(text)}": it is not the URL of a proxy`,
    {
      hint: isScript
        ? 'It is the address of a script that chooses a proxy: open it, and write the proxy that it chooses as http://host:port.'
        : `Write it as http://host:port or http://user:password@host:port with % written as %25, or unset ${name}.`,
    },
  );
}

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
/** With `socks5h` the proxy resolves the name (curl, "CURLOPT_PROXY"). Here it always does, under either scheme. */
const PROXY =
  /^(https?|socks5h?|socks):\/\/(?:(.*)@)?((?:\[[0-9a-f:.]+\]|[^\s/?#\\@:[\]]+)(?::\d{1,5})?)\/?$/is;

/**
 * Returns the URL of a proxy, user and password encoded. A proxy URL has no path, so the credentials end at the last `@`,
 * whatever they contain: `http://DOMAIN\jane:pass/word@proxy:3128` is clear although it is no valid URL.
 */
function readProxy(text: string): string | undefined {
  const [, scheme = '', login, host = ''] = PROXY.exec(text) ?? [];
  // undici decodes them, and fails on a percent sign that starts no escape.
  if (/%(?![0-9A-Fa-f]{2})/.test(login ?? '')) return undefined;
  const proxy = login === undefined ? text : `${scheme}://${encodeLogin(login)}@${host}`;
  return scheme !== '' && URL.canParse(proxy) ? proxy : undefined;
}

function encodeLogin(login: string): string {
  const colon = login.indexOf(':');
  if (colon === -1) return encodePart(login);
  return `${encodePart(login.slice(0, colon))}:${encodePart(login.slice(colon + 1))}`;
}

/** Leaves existing escapes alone. */
function encodePart(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9._~!$&'()*+,;=%-]+/g, (run) => encodeURIComponent(run));
}

/** The lower-case spelling wins, as everywhere. */
function variable(env: Environment, name: string): string {
  return (env[name.toLowerCase()] || env[name] || '').trim();
}

/** No proxy can reach this machine's loopback, or names below `.localhost` that only our resolver knows (RFC 6761, 6.3). */
function staysHere(host: string): boolean {
  return isLoopback(host) || host.endsWith('.localhost');
}

function isExempt(url: URL, noProxy: string): boolean {
  const host = hostOf(url);
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return noProxy
    .toLowerCase()
    .split(/[,\s]+/)
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || covers(entry, host, port));
}

function covers(entry: string, host: string, port: string): boolean {
  if (entry.includes('/')) return isInNetwork(host, entry);
  // A bare IPv6 address has colons, but no port.
  const [, name = entry, entryPort] = isIP(entry) === 6 ? [] : (/^(.+?)(?::(\d+))?$/.exec(entry) ?? []);
  if (entryPort !== undefined && entryPort !== port) return false;
  const bare = name.replace(/^\[(.*)\]$/, '$1').replace(/^\*?\./, '');
  return host.endsWith(`.${bare}`) || (host === bare && !name.startsWith('*'));
}

function isInNetwork(host: string, entry: string): boolean {
  const [network = '', prefix = ''] = entry.split('/');
  const family = isIP(network);
  if (family === 0 || family !== isIP(host) || !/^\d{1,3}$/.test(prefix)) return false;
  if (Number(prefix) > (family === 6 ? 128 : 32)) return false;
  const list = new BlockList();
  const name = family === 6 ? 'ipv6' : 'ipv4';
  list.addSubnet(network, Number(prefix), name);
  return list.check(host, name);
}

function hostOf(url: URL): string {
  return url.hostname
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();
}
