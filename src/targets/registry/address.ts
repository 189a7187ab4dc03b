import { SaddlebagError } from '../../internal/error.ts';
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
  const bare = text.replace(/\/+$/, '');
  const slash = bare.indexOf('/');
  const host = slash === -1 ? bare : bare.slice(0, slash);
  const prefix = slash === -1 ? '' : bare.slice(slash + 1);
  if (/^[a-z]+:\/\//i.test(text))
    throw invalid(text, 'it is a URL', 'Leave the "https://" or "http://" out.');
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

function invalid(text: string, fact: string, hint: string, cause?: unknown): SaddlebagError {
  // The user may have put a password in front of the host.
  const shown = JSON.stringify(text.replace(/^.*@/s, '…@'));
  return new SaddlebagError('ERR_USAGE_INVALID', `Cannot use registry ${shown}: ${fact}`, {
    hint,
    cause: text.includes('@') ? undefined : cause,
  });
}
