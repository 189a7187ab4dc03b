import { X509Certificate } from 'node:crypto';
import { SaddlebagError } from '../../internal/error.ts';

/**
 * Returns the certificates of a PEM text, one newline after each: the installer refuses a blank line or spaces after the last
 * (openshift/installer, `pkg/asset/manifests/additionaltrustbundleconfig.go`).
 *
 * @throws `ERR_USAGE_INVALID` when there is none, or one that cannot be read
 */
export function certificatesIn(pem: string): string {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    const certificates = blocks.map((block) => new X509Certificate(block).toString().trim());
    if (certificates.length > 0) return `${certificates.join('\n')}\n`;
  } catch (cause) {
    throw invalid('a certificate in it cannot be read', cause);
  }
  throw invalid('it has no certificate');
}

function invalid(fact: string, cause?: unknown): SaddlebagError {
  return new SaddlebagError('ERR_USAGE_INVALID', `Cannot use --ca-file: ${fact}`, {
    hint: 'Give the PEM certificate of the authority that signed the registry’s.',
    cause,
  });
}
