import type { AwsKeys } from './keys.ts';

/** A request to an API of AWS, before it is signed. */
export interface UnsignedRequest {
  readonly url: string;
  readonly region: string;
  readonly service: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
  /** The clock of this host. */
  readonly now: Date;
}

/** Returns the headers of a request that is signed with the user's keys (AWS Signature Version 4); none of them is the secret. */
export async function signedHeaders(
  request: UnsignedRequest,
  keys: AwsKeys,
): Promise<Readonly<Record<string, string>>> {
  const { AwsV4Signer } = await import('aws4fetch');
  const { url, region, service, headers, body, now } = request;
  const { accessKeyId, secretAccessKey, sessionToken } = keys;
  const all = new Headers({ ...headers });
  if (sessionToken !== undefined) all.set('x-amz-security-token', sessionToken);
  const signer = new AwsV4Signer({
    method: 'POST',
    url,
    region,
    service,
    headers: all,
    body,
    accessKeyId,
    secretAccessKey,
    datetime: now.toISOString().replaceAll(/[:-]|\.\d{3}/g, ''),
    allHeaders: true,
  });
  const signed = await signer.sign();
  return Object.fromEntries(signed.headers);
}
