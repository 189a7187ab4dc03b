import * as z from 'zod';
import { messageOf, SaddlebagError } from '../../../internal/error.ts';

/** A release of a repository. */
export interface GithubRelease {
  readonly tag: string;
  /** Names of its assets. */
  readonly assets: ReadonlySet<string>;
}

/** The flags `draft` and `prerelease` are ignored, as Rancher Desktop does: projects set them for weeks. */
const LIST = z.array(
  z.object({ tag_name: z.string(), assets: z.array(z.object({ name: z.string() })).default([]) }),
);

/**
 * Decodes a page of GitHub's list of releases; `where` names it in messages.
 *
 * @throws `ERR_DOCUMENT_INVALID`
 */
export function decodeReleaseList(bytes: Uint8Array, where: string): readonly GithubRelease[] {
  return decodeDocument(LIST, bytes, where).map(({ tag_name, assets }) => ({
    tag: tag_name,
    assets: new Set(assets.map(({ name }) => name)),
  }));
}

/** Decodes a JSON document by its schema; `where` names it in messages. @throws `ERR_DOCUMENT_INVALID` */
export function decodeDocument<T>(schema: z.ZodType<T>, bytes: Uint8Array, where: string): T {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw invalid(where, `it is not JSON (${messageOf(cause)})`, cause);
  }
  const decoded = schema.safeParse(value);
  if (decoded.success) return decoded.data;
  const [issue] = decoded.error.issues;
  throw invalid(where, `"${issue?.path.join('.') ?? ''}": ${issue?.message ?? ''}`, decoded.error);
}

function invalid(where: string, fact: string, cause: unknown): SaddlebagError {
  return new SaddlebagError('ERR_DOCUMENT_INVALID', `Cannot read "${where}": ${fact}`, { cause });
}
