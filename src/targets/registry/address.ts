import { SaddlebagError } from '../../internal/error.ts';
import { isLoopback, splitPort } from '../../internal/host.ts';
import { parseReference } from '../../oci/reference.ts';

/** A registry to push to, as a user names it: `HOST[:PORT][/PREFIX]`. */
export interface RegistryAddress {
  /** Host with its port. */
  readonly host: string;
  /** Path prefix of every repository; empty for none. */
  readonly prefix: string;
}

/**
 * Parses the registry in `text`.
 *
 * @throws `ERR_USAGE_INVALID`
 */
export function parseRegistryAddress(text: string): RegistryAddress {
  const bare = withoutScheme(text).replace(/\/+$/, '');
  const slash = bare.indexOf('/');
  const host = slash === -1 ? bare : bare.slice(0, slash);
  const prefix = slash === -1 ? '' : bare.slice(slash + 1);
  const port = /:(\d+)$/.exec(host)?.[1];
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535))
    throw invalid(text, `there is no port ${port}`, 'Ports are 1 to 65535.');
  try {
    // A first part without a dot or port is read as a host only with a port, so add one before parsing.
    const withPort = /:\d+$/.test(host) ? host : `${host}:443`;
    parseReference(`${withPort}/${prefix === '' ? 'any' : prefix}:any`);
  } catch (cause) {
    throw invalid(
      text,
      'it is not HOST[:PORT][/PREFIX]',
      'Write for example "registry.lab:5000" or "harbor.lab/mirror".',
      cause,
    );
  }
  return { host, prefix };
}

/**
 * Returns an address without the `https://` that a browser's has, and the like. A registry beyond this host is asked by HTTPS unless a
 * registries file says otherwise, so `http://` is one too much there.
 */
function withoutScheme(text: string): string {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i.exec(text) ?? [];
  if (scheme === '') return text;
  const host = rest.replace(/\/+$/, '');
  const isHost = host !== '' && !/[/?#@]/.test(host);
  // skopeo and Helm write registries with these two, which say nothing of how one is reached.
  if (isHost && ['https', 'docker', 'oci'].includes(scheme.toLowerCase())) return host;
  if (isHost && scheme.toLowerCase() === 'http' && isLoopback(splitPort(host).host)) return host;
  throw invalid(
    text,
    'it is a URL',
    scheme.toLowerCase() === 'http'
      ? 'Leave the "http://" out; a registry without TLS has an http endpoint in the file of --registries.'
      : 'Write HOST[:PORT][/PREFIX], such as "harbor.lab/mirror".',
  );
}

function invalid(text: string, fact: string, hint: string, cause?: unknown): SaddlebagError {
  // The user may have put a password in front of the host.
  const shown = JSON.stringify(text.replace(/^.*@/s, '…@'));
  return new SaddlebagError('ERR_USAGE_INVALID', `Cannot use registry ${shown}: ${fact}`, {
    hint,
    cause: text.includes('@') ? undefined : cause,
  });
}
