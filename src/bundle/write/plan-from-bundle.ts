import { collectBytes } from '../../internal/bytes.ts';
import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { formatCount } from '../../internal/format.ts';
import { ProblemsError } from '../../internal/problems.ts';
import { mapRows } from '../../internal/table/rows.ts';
import { digestOf } from '../../oci/digest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { BlobSource } from './blob-content.ts';
import { contentChanged } from '../check/content.ts';
import { BlobOwners } from '../plan/owned.ts';
import { CheckReport } from '../check/report.ts';
import { checkStructure } from '../check/structure.ts';
import type { BundleFile } from '../format/blobs/contents.ts';
import { DOCUMENT_LIMIT } from '../format/decode.ts';
import type { OpenBundle } from '../bundle.ts';
import { HeadFile } from '../plan/head-file.ts';
import type { BundlePlan } from '../plan/plan.ts';
import { decodeSignatures } from '../format/signature-lines.ts';

/** Media type for blobs: documents name the types of what they refer to, but a bundle does not. */
const PLAIN_TYPE = 'application/octet-stream';

/**
 * Returns the plan of an existing bundle. Its head is taken byte for byte, so that root digest and signature stay the same;
 * its blobs are read from the bundle by {@link blobsOf}.
 *
 * @throws `ProblemsError` `ERR_BUNDLE_DAMAGED` with every file that is missing, superfluous, of a wrong size or, in the
 * head, changed; `ERR_INTERRUPTED`
 */
export async function planFromBundle(bundle: OpenBundle, options: WaitOptions = {}): Promise<BundlePlan> {
  const { document, root, contents, path } = bundle;
  const report = new CheckReport();
  await checkStructure(bundle, report, options);
  const files: HeadFile[] = [];
  for (const file of contents.head) {
    if (!report.isSound(file.path)) continue;
    try {
      files.push(HeadFile.of(file.path, await readHead(bundle, file, options)));
    } catch (error) {
      if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
      report.add(file.path, error);
    }
  }
  if (report.tally().count > 0) throw damaged(path, report);
  const origin = { type: 'bundle', path } as const;
  const blobs = mapRows(document.blobs, ({ digest, size }) => ({
    descriptor: { mediaType: PLAIN_TYPE, digest, size },
    origin,
  }));
  return { document, root, files, blobs };
}

/** Returns where the writer gets the blobs of an open bundle from. */
export function blobsOf(bundle: OpenBundle): BlobSource {
  return { open: ({ descriptor }, options) => bundle.fetch(descriptor, options) };
}

async function readHead(bundle: OpenBundle, file: BundleFile, options: WaitOptions): Promise<Uint8Array> {
  const { path, digest } = file;
  const bytes = await collectBytes(bundle.stream(path, options), {
    limit: DOCUMENT_LIMIT,
    onExcess: () =>
      new SaddlebagError(
        'ERR_BUNDLE_INVALID',
        `Cannot read "${path}": it has more than ${DOCUMENT_LIMIT} bytes`,
      ),
  });
  const found = digestOf(bytes);
  // Only the signature has no digest in the head; who signed does not matter here.
  if (digest === undefined) decodeSignatures(bytes);
  else if (found !== digest) throw contentChanged({ ...file, digest }, found);
  return bytes;
}

function damaged(path: string, report: CheckReport): ProblemsError {
  const tally = report.tally();
  const problems = report.problems(tally, path, new BlobOwners());
  return new ProblemsError(
    'ERR_BUNDLE_DAMAGED',
    `Cannot copy bundle "${path}": it has ${formatCount(tally.count, 'problem')}`,
    {
      problems: problems.map(({ code, message, hint }) => new SaddlebagError(code, message, { hint })),
      hint: 'Copy the bundle again from where it was built.',
    },
  );
}
