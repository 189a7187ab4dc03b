import { isLoopback, splitPort } from '../internal/host.ts';

/** How clients reach this server. */
export interface Address {
  /** `http://HOST[:PORT]` */
  readonly origin: string;
  /** Host with its port. */
  readonly host: string;
  readonly isPlain: boolean;
  /** Only the host itself reaches it by this address. */
  readonly isLoopback: boolean;
  /** A placeholder stands where the host is, because whoever asked did not name one that could be. */
  readonly isUnknown: boolean;
}

/** Letters that mean nothing to a shell, to YAML, TOML or JSON in quotes. */
const ORIGIN = /^(https?):\/\/([A-Za-z0-9.-]+(?::\d{1,5})?|\[[0-9A-Fa-f:.]+\](?::\d{1,5})?)$/;
const PLACEHOLDER = 'SERVER:5000';

/** Returns the address behind an origin; whatever is none becomes a placeholder, so that it never reaches a command. */
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
