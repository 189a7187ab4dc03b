import { X509Certificate } from 'node:crypto';

/** What a PEM file (RFC 7468) is for. */
export type PemUse = 'certificate' | 'key';

const CERTIFICATE = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/g;
const WHOLE = /-----BEGIN ((?:TRUSTED |X509 )?CERTIFICATE)-----[^-]+-----END \1-----/g;
const KEY = /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----[^]+?-----END (?:[A-Z]+ )?PRIVATE KEY-----/;

/** Returns why a file cannot be used, or `undefined` for a good one. Text around the blocks is allowed, as OpenSSL writes it. */
export function pemFault(text: string, use: PemUse): string | undefined {
  if (!text.includes('-----BEGIN ')) return 'it holds no PEM text';
  return use === 'key' ? keyFault(text) : certificateFault(text);
}

/** An export of Windows (PKCS #7), a key and half a file are PEM as well, and OpenSSL skips them in silence. */
function certificateFault(text: string): string | undefined {
  const begun = text.match(CERTIFICATE)?.length ?? 0;
  const blocks = text.match(WHOLE) ?? [];
  if (blocks.length === 0) return 'it holds no certificate';
  if (blocks.length < begun) return 'it ends in the middle of a certificate';
  const broken = blocks.findIndex((block) => !isReadable(block));
  return broken === -1 ? undefined : `its certificate ${broken + 1} cannot be read`;
}

/** OpenSSL's own form with trust settings is more than a certificate, and only OpenSSL reads it. */
function isReadable(block: string): boolean {
  if (block.startsWith('-----BEGIN TRUSTED ')) return true;
  try {
    return new X509Certificate(block).raw.length > 0;
  } catch {
    return false;
  }
}

function keyFault(text: string): string | undefined {
  if (!KEY.test(text)) return 'it holds no private key';
  return /BEGIN ENCRYPTED |Proc-Type: 4,ENCRYPTED/.test(text)
    ? 'its key has a passphrase; write one without: openssl pkey -in KEY -out PLAIN_KEY'
    : undefined;
}
