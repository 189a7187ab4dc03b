import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { SaddlebagError } from '../../error.ts';
import type { TlsSettings } from '../http.ts';

/**
 * Returns what a TLS connection trusts and shows: the authorities shipped with Node, those of the system and of
 * `NODE_EXTRA_CA_CERTS`, and those of `settings`. Made once per origin: it parses several hundred certificates.
 *
 * @throws `ERR_REGISTRIES_INVALID` when a certificate or key of `settings` cannot be read
 */
export function secureContextFor(origin: string, settings: TlsSettings = {}): SecureContext {
  const { ca, cert, key } = settings;
  try {
    return createSecureContext({
      ca: [...machineAuthorities(), ...(ca === undefined ? [] : [ca])],
      cert,
      key,
    });
  } catch (error) {
    throw new SaddlebagError(
      'ERR_REGISTRIES_INVALID',
      `Cannot use the TLS settings of "${origin}": a certificate or key in them is not readable PEM`,
      {
        hint: 'ca_file, cert_file and key_file are PEM files; cert_file and key_file belong together',
        cause: error,
      },
    );
  }
}

function machineAuthorities(): ReadonlySet<string> {
  // Node leaves the system's own store out unless it is told on the command line.
  return new Set([
    ...getCACertificates('default'),
    ...getCACertificates('system'),
    ...getCACertificates('extra'),
  ]);
}
