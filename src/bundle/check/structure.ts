import { quote } from '../../internal/quote.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { type Rows, selectRows } from '../../internal/table/rows.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { CheckReport } from './report.ts';
import type { BundleFile } from '../format/blobs/contents.ts';
import type { OpenBundle } from '../bundle.ts';

/** A file that was not found. */
const ABSENT = -1;

/**
 * Checks that the archive holds every file of the bundle in its size, and nothing else. Returns the files whose content
 * can be checked.
 */
export async function checkStructure(
  { archive, contents, path: whole }: OpenBundle,
  report: CheckReport,
  { signal }: WaitOptions,
): Promise<Rows<BundleFile>> {
  const sizes = new Float64Array(contents.length).fill(ABSENT);
  const volumeFaults = new Map<number, SaddlebagError>();
  const entries = archive.entries({
    signal,
    onProblem: ({ path, error }) => report.add(path === '' ? whole : path, error),
  });
  for await (const { path, size, volumeFault } of entries) {
    const index = contents.indexOfPath(path);
    if (index === -1) report.add(path, extra(path));
    else sizes[index] = size;
    if (volumeFault !== undefined) volumeFaults.set(index, volumeFault);
  }
  const isListed = report.isSound(whole);
  return selectRows(contents, (file, index) => {
    const size = sizes[index] ?? ABSENT;
    const volumeFault = volumeFaults.get(index);
    if (size === file.size && volumeFault !== undefined) report.add(file.path, volumeFault);
    if (size === file.size) return true;
    if (size !== ABSENT) report.add(file.path, wrongSize(file, size));
    else if (report.isSound(file.path)) report.add(file.path, missing(file.path, isListed));
    return false;
  });
}

function extra(path: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_BUNDLE_INVALID',
    `Cannot accept file ${quote(path)}: bundle.json does not list it`,
    { hint: 'Nothing may be added to a bundle: remove the file, or copy the bundle again.' },
  );
}

function wrongSize(file: BundleFile, found: number): SaddlebagError {
  return new SaddlebagError(
    'ERR_SIZE_MISMATCH',
    `Cannot verify "${file.path}": expected ${file.size} bytes, found ${found}`,
  );
}

function missing(path: string, isListed: boolean): SaddlebagError {
  const fact = isListed ? 'it is missing' : 'it is missing, or lies behind the damaged part of the archive';
  return new SaddlebagError('ERR_CONTENT_NOT_FOUND', `Cannot find "${path}": ${fact}`);
}
