import type { ArchiveEntry } from '../../archive/archive.ts';
import { quote } from '../../internal/quote.ts';
import { SaddlebagError } from '../../internal/error.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { CheckReport } from './report.ts';
import type { BundleFile } from '../format/contents.ts';
import type { OpenBundle } from '../bundle.ts';

/**
 * Checks that the archive holds every file of the bundle in its size, and nothing else. Returns the files whose content
 * can be checked.
 */
export async function checkStructure(
  bundle: OpenBundle,
  report: CheckReport,
  { signal }: WaitOptions,
): Promise<readonly BundleFile[]> {
  const expected = new Map(bundle.contents.map((file) => [file.path, file]));
  const found = new Map<string, ArchiveEntry>();
  const entries = bundle.archive.entries({
    signal,
    onProblem: ({ path, error }) => report.add(path === '' ? bundle.path : path, error),
  });
  for await (const entry of entries) {
    const { path } = entry;
    found.set(path, entry);
    if (!expected.has(path)) report.add(path, extra(path));
  }
  const isListed = report.isSound(bundle.path);
  return bundle.contents.filter((file) => {
    const { size, volumeFault } = found.get(file.path) ?? {};
    if (size === file.size && volumeFault !== undefined) report.add(file.path, volumeFault);
    if (size === file.size) return true;
    if (size !== undefined) report.add(file.path, wrongSize(file, size));
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
