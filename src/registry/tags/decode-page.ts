import { isRecord } from '../../internal/json.ts';
import { isTag } from '../../oci/reference.ts';

/** A page of a list of tags, or what is wrong with it. */
export type TagPage = { readonly tags: readonly string[] } | { readonly fault: string };

/**
 * Decodes an answer to `GET /v2/<name>/tags/list` (distribution specification, "Listing Tags"). An answer that names none of
 * `names` is about another repository. Go's registries write an empty list as `null`.
 */
export function decodeTagPage(bytes: Uint8Array, names: readonly string[]): TagPage {
  const document: unknown = parseJson(Buffer.from(bytes).toString('utf8'));
  if (!isRecord(document)) return { fault: 'the answer is not a list of tags' };
  const { name, tags } = document;
  if (typeof name !== 'string') return { fault: 'the answer does not say which repository it is about' };
  if (!names.includes(name))
    return { fault: `the answer is about another repository, ${JSON.stringify(name.slice(0, 255))}` };
  if (tags === null) return { tags: [] };
  if (!Array.isArray(tags)) return { fault: 'the answer is not a list of tags' };
  const wrong: unknown = tags.find((tag: unknown) => typeof tag !== 'string' || !isTag(tag));
  if (wrong !== undefined)
    return { fault: `the answer lists what is no tag, ${JSON.stringify(wrong).slice(0, 150)}` };
  return { tags: tags.filter((tag): tag is string => typeof tag === 'string') };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The caller says what it is not.
    return undefined;
  }
}
