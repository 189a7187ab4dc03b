import { SaddlebagError } from '../../internal/error.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import type { ArchiveProblem, ListOptions, PlacedEntry } from '../archive.ts';
import type { ByteReader } from '../../disk/byte-file.ts';
import type { ExpectedEntries } from './expected-entries.ts';
import { entryInvalid, PathGuard } from '../../internal/path/guard.ts';
import { quote } from '../../internal/quote.ts';
import { FrameReader, isDamage } from './frame-reader.ts';
import { TAR_BLOCK } from './header.ts';
import { decodeTarHeader, isZero, paddedSize } from './header-decode.ts';

/** Two blocks of zeros end an archive (bytes). */
const END_MARK = 2 * TAR_BLOCK;
/** Tape programs pad the last record with zeros; more than this is not padding (bytes). */
export const FILLING_LIMIT: number = 1024 * 1024;

/** A tar being walked. */
export interface TarFile {
  readonly reader: ByteReader;
  /** For messages. */
  readonly name: string;
  readonly expected: ExpectedEntries;
}

/**
 * Yields every file of a tar, reading headers and padding but no content. Every byte outside of content is accounted
 * for: anything that is neither a valid header nor zeros is damage. After a damaged header, the walk continues at the
 * next expected entry.
 *
 * @throws `ERR_ARCHIVE_INVALID` or `ERR_DISK_FAILED` at the first damage, unless `onProblem` takes it
 */
export async function* walkTar(
  tar: TarFile,
  options: ListOptions = {},
): AsyncGenerator<PlacedEntry, void, void> {
  const walk = { guard: new PathGuard(), frame: new FrameReader(tar.reader) };
  let position: number | undefined = 0;
  while (position !== undefined) {
    throwIfInterrupted(options.signal);
    const step: Step = await stepAt(tar, position, walk);
    step.problems.forEach(options.onProblem ?? raise);
    if (step.entry !== undefined) yield step.entry;
    position = step.next;
  }
}

/** What is at one position, and where the walk continues. */
interface Step {
  readonly entry?: PlacedEntry | undefined;
  readonly problems: readonly ArchiveProblem[];
  readonly next: number | undefined;
}

async function stepAt(
  tar: TarFile,
  position: number,
  { guard, frame }: { readonly guard: PathGuard; readonly frame: FrameReader },
): Promise<Step> {
  try {
    const block = await frame.header(position);
    if (block.length < TAR_BLOCK)
      throw cutShort(tar, `it ends at byte ${position + block.length}, without its end mark`);
    const header = decodeTarHeader(block, where(tar, position));
    if (header === undefined) {
      await checkEnd(tar, position);
      return { problems: [], next: undefined };
    }
    const found = { path: header.path, size: header.size, position: position + TAR_BLOCK };
    const expected = tar.expected.matching(found);
    if (expected === undefined) tar.expected.forget();
    const entry: PlacedEntry = expected ?? found;
    const admit = header.type === 'folder' ? guard.admitFolder(entry.path) : guard.admit(entry.path);
    const fault = header.fault ?? admit;
    const next = entry.position + paddedSize(entry.size);
    const problems = await problemsOfBody(tar, entry, frame);
    if (fault !== undefined)
      problems.unshift({ path: entry.path, error: entryInvalid(entry.path, fault, header.hint) });
    return {
      entry: header.type === 'file' && fault === undefined && next <= tar.reader.size ? entry : undefined,
      problems,
      next: next <= tar.reader.size && !guard.isFull ? next : undefined,
    };
  } catch (error) {
    if (!isDamage(error)) throw error;
    const first = position + TAR_BLOCK;
    const problem = { path: tar.expected.at(first)?.path ?? '', error };
    const after = tar.expected.after(first);
    // Past the end of a truncated file there is nothing to continue with.
    const next = after === undefined || after > tar.reader.size ? undefined : after - TAR_BLOCK;
    return { problems: [problem], next };
  }
}

/** Checks what lies between an entry's header and the next header, other than its content. */
async function problemsOfBody(
  tar: TarFile,
  entry: PlacedEntry,
  frame: FrameReader,
): Promise<ArchiveProblem[]> {
  const { path, size, position } = entry;
  const end = position + size;
  const padding = paddedSize(size) - size;
  if (end + padding > tar.reader.size) {
    const missing = Math.min(size, end - tar.reader.size);
    const fact =
      missing > 0
        ? `entry ${quote(path)} has ${size} bytes, and the last ${missing} of them are missing`
        : `it ends in the padding of entry ${quote(path)}`;
    return [{ path, error: cutShort(tar, fact) }];
  }
  if (padding === 0 || isZero(await frame.padding(end, padding))) return [];
  return [{ path, error: damaged(tar, `the bytes after entry ${quote(path)} belong to nothing`) }];
}

/** Checks that nothing but zeros follows, and enough of them. */
async function checkEnd(tar: TarFile, position: number): Promise<void> {
  const rest = tar.reader.size - position;
  if (rest < END_MARK)
    throw cutShort(tar, `${END_MARK - rest} of the ${END_MARK} bytes of its end mark are missing`);
  const behind = await tar.reader.read(position, Math.min(rest, END_MARK + FILLING_LIMIT));
  if (rest > END_MARK + FILLING_LIMIT || !isZero(behind)) {
    throw damaged(tar, `something follows its end mark, at byte ${position} of ${tar.reader.size}`);
  }
}

function raise(problem: ArchiveProblem): never {
  throw problem.error;
}

function where(tar: TarFile, position: number): string {
  return `at byte ${position} of "${tar.name}"`;
}

function damaged(tar: TarFile, fact: string): SaddlebagError {
  return new SaddlebagError('ERR_ARCHIVE_INVALID', `Cannot read archive "${tar.name}": ${fact}`);
}

function cutShort({ name, reader, expected }: TarFile, fact: string): SaddlebagError {
  const missing = (expected.size ?? 0) - reader.size;
  const whole = missing > 0 ? `; ${missing} of its ${expected.size} bytes are missing` : '';
  return new SaddlebagError(
    'ERR_ARCHIVE_INVALID',
    `Cannot read archive "${name}": it is cut short: ${fact}${whole}`,
    { hint: 'The copy was interrupted, or the medium is full: copy the bundle again.' },
  );
}
