import { type FileHandle, open } from 'node:fs/promises';
import { attempt } from '../../disk/errno.ts';
import { place } from '../../disk/place.ts';
import { systemCode } from '../../internal/error.ts';
import { type ByteStream, encoded } from '../../internal/bytes.ts';
import { isRecord } from '../../internal/json.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { journalPath } from '../output/layout.ts';

/**
 * The journal of a partial bundle: JSON by line. The first line identifies the bundle; each following line says how many
 * bytes of a blob, from its start, are in place on the disk. For each blob, the last line counts.
 */
export interface JournalHead {
  readonly root: Digest;
  /** Size of the whole archive. */
  readonly bytes: number;
  /** Its shape on disk: in another shape the same bytes are elsewhere. */
  readonly shape: string;
  /** Every byte is safely on the disk; only the final name is missing. */
  readonly complete?: true | undefined;
}

/** Bytes in place, by blob. */
export type Positions = ReadonlyMap<Digest, number>;

/** How many bytes of a blob are in place. */
type Position = readonly [blob: Digest, bytes: number];

const VERSION = 2;

/** An open journal. Write to it only what has been synced. */
export interface Journal extends AsyncDisposable {
  append(positions: Positions): Promise<void>;
}

/**
 * Returns what the journal at `path` says about the bundle of `head`; `undefined` when there is none or it is about
 * another bundle. What cannot be read, such as a last line torn by a power cut, counts as not written.
 */
export async function readJournal(path: string, head: JournalHead): Promise<Positions | undefined> {
  const handle = await openExisting(path);
  if (handle === undefined) return undefined;
  await using _handle = handle;
  const positions = new Map<Digest, number>();
  let isFirst = true;
  for await (const line of handle.readLines({ autoClose: false })) {
    const record = parseRecord(line);
    if (isFirst && !isHeadOf(head, record)) return undefined;
    const { digest, bytes } = record;
    if (!isFirst && isDigest(digest) && isCount(bytes)) positions.set(digest, bytes);
    isFirst = false;
  }
  return isFirst ? undefined : positions;
}

/** Returns the journal of an unfinished output, and the root of the bundle it is about, as far as there is one and it says. */
export async function journalOf(
  out: string,
): Promise<{ readonly path: string; readonly root: Digest | undefined }> {
  const path = journalPath(out);
  return { path, root: await rootIn(path) };
}

async function rootIn(path: string): Promise<Digest | undefined> {
  const handle = await openExisting(path);
  if (handle === undefined) return undefined;
  await using _handle = handle;
  for await (const line of handle.readLines({ autoClose: false })) {
    const { version, root } = parseRecord(line);
    return version === VERSION && isDigest(root) ? root : undefined;
  }
  return undefined;
}

/**
 * Starts the journal of `head` at `path`, with the `positions` known so far. An older one is replaced in one step, so that there
 * is always one.
 *
 * @throws `ERR_DISK_FULL`, `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FAILED`
 */
export async function startJournal(
  path: string,
  head: JournalHead,
  positions: Iterable<Position>,
): Promise<Journal> {
  await place(path, contentOf(head, positions));
  const handle = await attempt('open', path, () => open(path, 'a'));
  return {
    append: async (more) => {
      await attempt('write', path, async () => {
        await handle.appendFile(linesOf(more).toArray().join(''));
        await handle.datasync();
      });
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

async function* contentOf(head: JournalHead, positions: Iterable<Position>): ByteStream {
  yield Buffer.from(`${JSON.stringify({ version: VERSION, ...head })}\n`);
  yield* encoded(linesOf(positions));
}

function* linesOf(positions: Iterable<Position>): Generator<string, void, undefined> {
  for (const [digest, bytes] of positions) yield `${JSON.stringify({ digest, bytes })}\n`;
}

function parseRecord(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function isHeadOf(head: JournalHead, record: Record<string, unknown>): boolean {
  const { root, bytes, shape, complete } = head;
  return Object.entries({ version: VERSION, root, bytes, shape, complete }).every(
    ([key, value]) => record[key] === value,
  );
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

async function openExisting(path: string): Promise<FileHandle | undefined> {
  return await attempt(
    'read',
    path,
    async () => {
      try {
        return await open(path, 'r');
      } catch (error) {
        if (systemCode(error) === 'ENOENT') return undefined;
        throw error;
      }
    },
    'input',
  );
}
