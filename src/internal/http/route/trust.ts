import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { SaddlebagError } from '../../error.ts';
import type { TlsSettings } from '../http.ts';

/**
 * Returns the TLS trust and client certificate of a connection: the authorities shipped with Node, those of the system and of
 * `NODE_EXTRA_CA_CERTS`, and those of `settings`. Built once per origin, because it parses several hundred certificates.
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
        hint: 'ca_file, cert_file and key_file are PEM files; cert_file and key_file belong together.',
        cause: error,
      },
    );
  }
}

function machineAuthorities(): ReadonlySet<string> {
  // Node ignores the system's store unless a command line flag says otherwise.
  return new Set([
    ...getCACertificates('default'),
    ...getCACertificates('system'),
    ...getCACertificates('extra'),
  ]);
}
