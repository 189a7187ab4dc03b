import { SaddlebagError } from '../../internal/error.ts';
import { parseReference } from '../../oci/reference.ts';

/** A registry as a user names it to push to: `HOST[:PORT][/PREFIX]`. */
export interface RegistryAddress {
  /** Host with its port. */
  readonly host: string;
  /** Path that every repository goes under; empty for none. */
  readonly prefix: string;
}

/**
 * Returns the registry that `text` names.
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
    // With a path behind it, only a host that looks like one is read as one: so a port stands in.
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
  // Someone may have put a password in front of the host.
  const shown = JSON.stringify(text.replace(/^.*@/s, '…@'));
  return new SaddlebagError('ERR_USAGE_INVALID', `Cannot use registry ${shown}: ${fact}`, {
    hint,
    ...(text.includes('@') ? {} : { cause }),
  });
}
