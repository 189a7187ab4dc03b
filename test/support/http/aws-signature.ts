import { createHash, createHmac } from 'node:crypto';

/** A request as a server of AWS sees it. */
export interface SignedRequest {
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What a signature claims: whose key, for what, when, over which headers. */
interface Claim {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signed: readonly string[];
  readonly signature: string;
}

/** Returns what the header of a request claims (IAM User Guide, "Create a signed AWS API request"). */
export function claimOf({ headers }: SignedRequest): Claim | undefined {
  const pattern =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
  const [, accessKeyId, date, region, service, signed, signature] =
    pattern.exec(headers['authorization'] ?? '') ?? [];
  if (signature === undefined) return undefined;
  return {
    accessKeyId: accessKeyId ?? '',
    date: date ?? '',
    region: region ?? '',
    service: service ?? '',
    signed: (signed ?? '').split(';'),
    signature,
  };
}

/** Returns the signature that a request must have, worked out from the specification alone. */
export function signatureOf(request: SignedRequest, claim: Omit<Claim, 'signature'>, secret: string): string {
  const url = new URL(request.path, 'http://server.invalid');
  const query = [...url.searchParams]
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .sort()
    .join('&');
  const lines = claim.signed.map(
    (name) => `${name}:${(request.headers[name] ?? '').trim().replaceAll(/ +/g, ' ')}\n`,
  );
  const canonical = [
    request.method,
    url.pathname,
    query,
    lines.join(''),
    claim.signed.join(';'),
    sha256(request.body),
  ].join('\n');
  const scope = `${claim.date}/${claim.region}/${claim.service}/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'] ?? '', scope, sha256(canonical)].join('\n');
  const key = [claim.date, claim.region, claim.service, 'aws4_request'].reduce<string | Buffer>(
    (sofar, part) => createHmac('sha256', sofar).update(part).digest(),
    `AWS4${secret}`,
  );
  return createHmac('sha256', key).update(text).digest('hex');
}

/** Returns the headers that a signature must cover: the host, and whatever is of AWS; here the type of the content too. */
export function toBeSigned({ headers }: SignedRequest): readonly string[] {
  return Object.keys(headers)
    .filter((name) => name === 'host' || name === 'content-type' || name.startsWith('x-amz-'))
    .sort();
}

function escaped(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
