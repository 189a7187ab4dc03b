import { ARTIFACT_TYPE, type PlannedItem } from '../../bundle/format/item.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { faultOfName } from '../../internal/file-name.ts';
import { collectProblems } from '../../internal/problems.ts';
import { redactUrl } from '../../internal/http/redact.ts';
import { parseDigest } from '../../oci/digest.ts';
import type { FilePart } from './part.ts';
import { lastPartOf } from '../web/last-part.ts';
import { planArtifact } from '../images/planned-artifact.ts';
import type { SourceContext } from '../source.ts';

/**
 * Turns `files` into items, one each, named after the last part of the URL unless the spec names it.
 *
 * @throws `ProblemsError` of `ERR_SPEC_INVALID` for names that are invalid or taken, and what the upstream throws
 */
export async function resolveFiles(
  parts: readonly FilePart[],
  context: SourceContext,
): Promise<readonly PlannedItem[]> {
  const names = new Map<string, string>();
  const tasks = parts.map(async (part) => {
    // Claimed before the first wait, so that the first of two equal names keeps it.
    const name = claimName(part, names);
    return await resolveFile(part, name, context);
  });
  return await collectProblems(tasks, {
    code: 'ERR_RESOLVE_FAILED',
    message: () => 'Cannot resolve "files"',
  });
}

async function resolveFile(part: FilePart, name: string, context: SourceContext): Promise<PlannedItem> {
  const { url, sha256 } = part;
  const { signal, web } = context;
  const digest = sha256 === undefined ? undefined : parseDigest(`sha256:${sha256}`);
  const descriptor = await web.measure(url, { digest, signal });
  const artifact = planArtifact(ARTIFACT_TYPE.file, [{ name, descriptor, origin: { type: 'url', url } }]);
  const item = { kind: 'file', name, descriptor: artifact.descriptor, audience: ['files'] } as const;
  return { item, blobs: artifact.blobs };
}

/** Names that differ only in case would overwrite each other on most desktops' disks. */
function claimName(part: FilePart, names: Map<string, string>): string {
  const shown = redactUrl(part.url);
  const name = part.name ?? lastPartOf(part.url);
  const problem = faultOfName(name);
  if (problem !== undefined) {
    throw new SaddlebagError(
      'ERR_SPEC_INVALID',
      `Cannot name file "${shown}" ${JSON.stringify(name)}: ${problem}`,
      {
        hint: 'Give it another name with "name" beside "url".',
      },
    );
  }
  const taken = names.get(name.toLowerCase());
  if (taken !== undefined) {
    throw new SaddlebagError(
      'ERR_SPEC_INVALID',
      `Cannot name file "${shown}" "${name}": "${taken}" has that name`,
      {
        hint: 'Give one of the two another name with "name" beside "url".',
      },
    );
  }
  names.set(name.toLowerCase(), shown);
  return name;
}
