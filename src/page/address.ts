import { isLoopback, splitPort } from '../internal/host.ts';

/** The address by which clients reach this server. */
export interface Address {
  /** `http://HOST[:PORT]` */
  readonly origin: string;
  /** Host and port. */
  readonly host: string;
  readonly isPlain: boolean;
  /** The address is reachable only from the host itself. */
  readonly isLoopback: boolean;
  /** The host is a placeholder, because the request named no valid one. */
  readonly isUnknown: boolean;
}

/** Characters without special meaning in a shell, or in quoted YAML, TOML or JSON. */
const ORIGIN = /^(https?):\/\/([A-Za-z0-9.-]+(?::\d{1,5})?|\[[0-9A-Fa-f:.]+\](?::\d{1,5})?)$/;
const PLACEHOLDER = 'SERVER:5000';

/** Returns the address in an origin; anything invalid becomes a placeholder, so that it never reaches a command. */
export function addressOf(origin: string): Address {
  const [, scheme = 'http', host = PLACEHOLDER] = ORIGIN.exec(origin) ?? [];
  return {
    origin: `${scheme}://${host}`,
    host,
    isPlain: scheme === 'http',
    isLoopback: isLoopback(splitPort(host).host),
    isUnknown: host === PLACEHOLDER,
  };
}
