import type { SignatureReport } from '../../bundle/signing/prove.ts';
import type { Style } from './style.ts';

/** Returns the lines that describe a bundle's signature; none if it is unsigned and no key was asked for. */
export function signatureLines(
  { signature, signer, signers }: SignatureReport,
  options: { readonly style: Style; readonly required?: boolean | undefined },
): string[] {
  const { style, required = false } = options;
  const refused = `${style('error', 'refused')} by verify and install, because a key is trusted here:`;
  if (signature === 'proven')
    return (signers ?? [signer ?? '']).map((key) => `signed by ${style('strong', key)}`);
  if (signature === 'present') return ['signed, but not checked: no key is trusted here'];
  if (required) return [`${refused} ${signature === 'none' ? 'not signed' : 'its signature is wrong'}`];
  return signature === 'none'
    ? []
    : [`${style('error', 'signature broken')}: it does not have the form of a signature`];
}
