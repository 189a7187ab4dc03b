import { factOf, isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { type Digest, hexOf } from '../../oci/digest.ts';
import { formatReference } from '../../oci/reference.ts';
import {
  type ReleaseTrust,
  trustedKeys,
  verifyReleaseSignature,
} from '../../products/openshift/trust/verify-release.ts';
import { type SourceContext, urlsOf } from '../source.ts';
import { urlBelow } from '../web/url-path.ts';
import type { Release } from './release.ts';
import { SIGNATURES } from './upstreams.ts';

/** A signature that a trusted key made. */
export interface ReleaseSignature {
  /** What it signs: the release image, or one of a list. */
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

/** Numbers that stores count to (openshift/library-go, `pkg/verify/store/sigstore/sigstore.go`). */
const NUMBERS = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const;

/** The result of looking for signatures. */
interface Looked {
  readonly signatures: readonly ReleaseSignature[];
  /** Why those that were found, or a store, were of no use. */
  readonly faults: readonly string[];
}

/**
 * Returns the verified signatures of a release. A signed list covers its images; otherwise each of them must be signed.
 *
 * @throws `ERR_SIGNATURE_MISSING` when there is none, `ERR_SIGNATURE_INVALID` when none of them counts
 */
export async function signaturesOf(
  release: Release,
  trust: ReleaseTrust,
  context: SourceContext,
): Promise<readonly ReleaseSignature[]> {
  const { reference, children } = release;
  const looked = await Promise.all(
    [reference.digest, ...children].map(async (digest) => await lookFor(digest, trust, context)),
  );
  const signatures = looked.flatMap((each) => each.signatures);
  const signed = new Set(signatures.map(({ digest }) => digest));
  const areChildrenSigned = children.length > 0 && children.every((child) => signed.has(child));
  if (signed.has(reference.digest) || areChildrenSigned) return signatures;
  throw unsigned(release, { trust, faults: looked.flatMap(({ faults }) => faults), signed: signed.size });
}

/** Asks each store until one has signatures that count. */
async function lookFor(digest: Digest, trust: ReleaseTrust, context: SourceContext): Promise<Looked> {
  const faults: string[] = [];
  for (const store of urlsOf(SIGNATURES, context)) {
    const signatures: ReleaseSignature[] = [];
    for (const number of NUMBERS) {
      const name = `signature-${number}`;
      const url = `${urlBelow(store)}/sha256=${hexOf(digest)}/${name}`;
      const fault = await lookAt(url, digest, { trust, context, signatures });
      if (fault === 'absent') break;
      if (fault !== undefined) faults.push(`"${url}": ${fault}`);
    }
    if (signatures.length > 0) return { signatures, faults };
  }
  return { signatures: [], faults };
}

async function lookAt(
  url: string,
  digest: Digest,
  {
    trust,
    context,
    signatures,
  }: {
    readonly trust: ReleaseTrust;
    readonly context: SourceContext;
    readonly signatures: ReleaseSignature[];
  },
): Promise<string | undefined> {
  try {
    const bytes = await context.web.document(url, context);
    verifyReleaseSignature(bytes, digest, { trust, now: context.now });
    signatures.push({ digest, bytes });
    return undefined;
  } catch (error) {
    if (isSaddlebagError(error, 'ERR_UPSTREAM_NOT_FOUND')) return 'absent';
    if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED' || error.code.startsWith('ERR_LOCK'))
      throw error;
    return factOf(error);
  }
}

function unsigned(
  { reference, version, children }: Release,
  {
    trust,
    faults,
    signed,
  }: { readonly trust: ReleaseTrust; readonly faults: readonly string[]; readonly signed: number },
): SaddlebagError {
  const title = `OpenShift ${version}, "${formatReference(reference)}"`;
  const some = signed === 0 ? '' : `; signatures cover ${signed} of its ${children.length} images`;
  const keys = trustedKeys(trust).length === 0 ? '; it carries no key that this program knows' : '';
  const [fault] = faults;
  const hint =
    'For OKD, or for releases of your own, name the keys in "openshift.keys" and the place of the signatures in "upstreams.openshiftSignatures"; "openshift.unsigned: true" accepts a release without one.';
  return fault === undefined
    ? new SaddlebagError('ERR_SIGNATURE_MISSING', `Cannot trust ${title}: it has no signature${some}`, {
        hint,
      })
    : new SaddlebagError('ERR_SIGNATURE_INVALID', `Cannot trust ${title}: ${fault}${some}${keys}`, { hint });
}
