import { readFile, rm } from 'node:fs/promises';
import { attempt, factOf } from '../disk/errno.ts';
import { save } from '../disk/save.ts';
import { SaddlebagError, systemCode } from '../internal/error.ts';
import { compareText } from '../internal/order.ts';
import { parseImageList } from '../spec/lists/images.ts';
import type { Plan } from '../targets/apply-plans.ts';
import type { Action } from '../targets/target.ts';

/** A longer file (bytes) is not a retry list. */
const LIST_LIMIT = 64 * 1024 * 1024;

/**
 * Returns the references whose push failed in an earlier install; `undefined` when there is no such file, and so
 * nothing to select.
 *
 * @throws `ERR_LIST_INVALID`
 */
export async function readRetryList(path: string): Promise<ReadonlySet<string> | undefined> {
  try {
    const bytes = await readFile(path);
    if (bytes.length > LIST_LIMIT) throw new RangeError('it is too long');
    const listed = new Set(parseImageList(bytes.toString('utf8'), path).map(({ text }) => text));
    if (listed.size > 0) return listed;
    throw new SaddlebagError('ERR_LIST_INVALID', `Cannot retry what "${path}" lists: it lists nothing`, {
      hint: 'Remove it to push everything.',
    });
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return undefined;
    if (cause instanceof SaddlebagError) throw cause;
    throw new SaddlebagError('ERR_LIST_INVALID', `Cannot read list "${path}": ${factOf(cause)}`, { cause });
  }
}

/**
 * Writes the references to retry, one per line; deletes the file when there are none.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FULL`, `ERR_DISK_FAILED`
 */
export async function writeRetryList(path: string, references: readonly string[]): Promise<void> {
  if (references.length === 0) return await attempt('remove', path, () => rm(path, { force: true }));
  const lines = [...new Set(references)].sort(compareText);
  const head = '# Pushing these failed. The same command with the same --retry pushes just them.';
  await save(path, `${[head, ...lines].join('\n')}\n`);
}

/**
 * Makes sure that every reference to retry is in the plans.
 *
 * @throws `ERR_LIST_INVALID` naming those that are not
 */
export function requireKnown(list: ReadonlySet<string>, plans: readonly Plan[], path: string): void {
  const known = new Set(imagesOf(plans).flatMap(({ destination, name }) => [destination, name]));
  const unknown = [...list].filter((reference) => !known.has(reference));
  if (unknown.length === 0) return;
  throw new SaddlebagError(
    'ERR_LIST_INVALID',
    `Cannot retry what "${path}" lists: no image of the bundle goes to ${unknown.map((text) => `"${text}"`).join(', ')}`,
    { hint: 'Name the same registries, with the same --naming and --rewrite, as when the list was written.' },
  );
}

/** Returns what the plans would have pushed but did not, by name at the registry. */
export function unfinished(plans: readonly Plan[], results: readonly Action[]): readonly string[] {
  const done = new Set(results.map(({ destination }) => destination));
  const wanted = imagesOf(plans).map(({ destination }) => destination);
  return wanted.filter((destination) => !done.has(destination));
}

/** Writing to a disk fails as a whole or not at all, so only registries have something to retry. */
function imagesOf(plans: readonly Plan[]): readonly Action[] {
  return plans.flatMap(({ target, actions }) => (target.isOnDisk ? [] : actions));
}
