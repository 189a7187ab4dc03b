import { basename } from 'node:path';
import { ARTIFACT_TYPE, type PlannedItem } from '../../bundle/format/item.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { faultOfName } from '../../internal/file-name.ts';
import { collectProblems } from '../../internal/problems.ts';
import { redactUrl } from '../../internal/http/redact.ts';
import { parseDigest } from '../../oci/digest.ts';
import { resolveLocal } from './local.ts';
import type { LocalFile, WebFile } from './part.ts';
import { lastPartOf } from '../web/last-part.ts';
import { planArtifact } from '../images/planned-artifact.ts';
import type { SourceContext } from '../source.ts';

/** A file that a spec asks for; of a local one, `at` is where it is. */
export type FileWish = WebFile | (LocalFile & { readonly at: string });

/**
 * Turns `files` into items, one each, named after the last part of the URL or path unless the spec names it.
 *
 * @throws `ProblemsError` of `ERR_SPEC_INVALID` for names that are invalid or taken, and what the upstream and `scan` throw
 */
export async function resolveFiles(
  parts: readonly FileWish[],
  context: SourceContext,
): Promise<readonly PlannedItem[]> {
  const names = new Map<string, string>();
  const tasks = parts.map(async (part) => {
    // Claimed before the first wait, so that the first of two equal names keeps it.
    const name = claimName(part, names);
    return 'url' in part
      ? await resolveFile(part, name, context)
      : await resolveLocal({ written: part.path, path: part.at, name, sha256: part.sha256 }, context);
  });
  return await collectProblems(tasks, {
    code: 'ERR_RESOLVE_FAILED',
    message: () => 'Cannot resolve "files"',
  });
}

async function resolveFile(part: WebFile, name: string, context: SourceContext): Promise<PlannedItem> {
  const { url, sha256 } = part;
  const { signal, web } = context;
  const digest = sha256 === undefined ? undefined : parseDigest(`sha256:${sha256}`);
  const descriptor = await web.measure(url, { digest, signal });
  const artifact = planArtifact(ARTIFACT_TYPE.file, [{ name, descriptor, origin: { type: 'url', url } }]);
  const item = { kind: 'file', name, descriptor: artifact.descriptor, audience: ['files'] } as const;
  return { item, blobs: artifact.blobs };
}

/** Names that differ only in case would overwrite each other on most desktops' disks. */
function claimName(part: FileWish, names: Map<string, string>): string {
  const shown = 'url' in part ? redactUrl(part.url) : part.path;
  const name = part.name ?? ('url' in part ? lastPartOf(part.url) : basename(part.at));
  const beside = `with "name" beside "${'url' in part ? 'url' : 'path'}"`;
  const problem = faultOfName(name);
  if (problem !== undefined) {
    throw new SaddlebagError(
      'ERR_SPEC_INVALID',
      `Cannot name file "${shown}" ${JSON.stringify(name)}: ${problem}`,
      {
        hint: `Give it another name ${beside}.`,
      },
    );
  }
  const taken = names.get(name.toLowerCase());
  if (taken !== undefined) {
    throw new SaddlebagError(
      'ERR_SPEC_INVALID',
      `Cannot name file "${shown}" "${name}": "${taken}" has that name`,
      {
        hint: `Give one of the two another name ${beside}.`,
      },
    );
  }
  names.set(name.toLowerCase(), shown);
  return name;
}
