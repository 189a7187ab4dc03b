import * as z from 'zod';
import { SaddlebagError } from '../../internal/error.ts';
import { redactUrl } from '../../internal/http/redact.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { RKE2_TAG } from '../../products/rke2/tag.ts';
import { lockedDigest } from '../../spec/fields.ts';
import type { Facts, LockSection } from '../../spec/lock/lock.ts';
import type { Question } from '../questions.ts';
import { urlOf } from '../source.ts';
import { githubHeaders } from '../web/github/headers.ts';
import { urlBelow } from '../web/url-path.ts';
import { RELEASES } from './upstreams.ts';

/** GitHub's API, "Get a release by tag name", as far as it is read; `digest` is null for assets from before 2025. */
const release = z.object({
  assets: z.array(z.object({ name: z.string(), digest: z.string().nullish() })),
});

const section: LockSection = {
  name: 'rke2Assets',
  schema: z
    .record(z.string().regex(RKE2_TAG), z.record(z.string().regex(/^[\w.-]+$/), lockedDigest.nullable()))
    .transform(
      (tags): Facts =>
        new Map(Object.entries(tags).map(([tag, assets]) => [tag, new Map(Object.entries(assets))])),
    )
    .describe('digests of assets that the sums file of their release lacks; null where nobody tells one'),
  isGroupPinned: false,
  title: (tag) => `RKE2 ${tag}’s`,
  isVast: true,
};

/** One asset of a release. */
export interface AssetKey {
  readonly tag: string;
  readonly name: string;
}

/**
 * The question for the digest of an asset by GitHub's API. Some releases write their sums file before the images for Windows are
 * made (rke2, `.github/workflows/release.yml`).
 */
export const ASSET_DIGEST: Question<AssetKey, { readonly digest: Digest | undefined }> = {
  section,
  title: ({ tag, name }) => `the digest of "${name}" of RKE2 ${tag}`,
  ask: async ({ tag, name }, world) => {
    const base = urlOf(RELEASES, world);
    const url = urlBelow(base, 'tags', tag);
    const { body } = await world.web.query(url, {
      signal: world.signal,
      headers: githubHeaders(url, { base, env: world.env }),
      isGithub: true,
    });
    const asset = decodeAssets(body, redactUrl(url)).find((each) => each.name === name);
    const digest = asset?.digest ?? undefined;
    return { digest: isDigest(digest) ? digest : undefined };
  },
  facts: ({ tag, name }, { digest }) => new Map([[tag, new Map([[name, digest ?? null]])]]),
  recall: ({ tag, name }, facts) => {
    const digest = facts.get(tag)?.get(name);
    if (digest === undefined) return undefined;
    return { digest: isDigest(digest) ? digest : undefined };
  },
};

function decodeAssets(bytes: Uint8Array, where: string): z.output<typeof release>['assets'] {
  const decoded = release.safeParse(parseJson(Buffer.from(bytes).toString('utf8')));
  if (decoded.success) return decoded.data.assets;
  throw new SaddlebagError('ERR_DOCUMENT_INVALID', `Cannot read "${where}": it is not a release of GitHub`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON is no release either.
    return undefined;
  }
}
