import { SaddlebagError } from '../../internal/error.ts';

/** A host name or address (IPv6 in brackets) and a port. */
const LISTEN = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)):(\d{1,5})$/;

/**
 * Returns the address to listen on. The host is required, so that nobody listens on every interface by accident. @throws
 * `ERR_USAGE_INVALID`
 */
export function parseListen(option: string, text: string): { readonly host: string; readonly port: number } {
  const [, address, name, digits] = LISTEN.exec(text) ?? [];
  const host = address ?? name;
  const port = Number(digits);
  if (host !== undefined && port <= 65_535) return { host, port };
  throw new SaddlebagError(
    'ERR_USAGE_INVALID',
    `Cannot use ${option} ${JSON.stringify(text)}: expected HOST:PORT`,
    {
      hint: 'Write for example 127.0.0.1:5000, or 0.0.0.0:5000 for everyone who can reach this host.',
    },
  );
}
