import { createGunzip } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import { SaddlebagError, messageOf } from '../../internal/error.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import type { WaitOptions } from '../../oci/roles.ts';

/** The text files of a packed chart that may name images: path below the chart's folder → content. */
export type ChartTexts = ReadonlyMap<string, string>;

/** Ceilings (bytes): Helm 3.18 allows 100 MiB unpacked and 5 MiB a file (`pkg/chart/loader/archive.go`). */
const UNPACKED_LIMIT = 100 * 1024 * 1024;
const FILE_LIMIT = 5 * 1024 * 1024;
const ENTRY_LIMIT = 20_000;
/** How deep packed subcharts may nest. */
const DEPTH_LIMIT = 4;

/** Chart.yaml, values, image locks, templates, CRDs and files of the chart and its subcharts; and packed subcharts. */
const WANTED =
  /(?:^|\/)(?:Chart\.yaml|requirements\.yaml|values\.ya?ml|\.?images[.-]lock(?:\.yaml)?)$|(?:^|\/)(?:templates|crds|files)\/.+\.(?:ya?ml|tpl|txt|json)$|(?:^|\/)charts\/[^/]+\.tgz$/;

interface Budget {
  bytes: number;
  entries: number;
}

/**
 * Returns the files of a packed chart that may name images, subcharts included, also packed ones. Writes nothing to disk.
 *
 * @throws `ERR_ARCHIVE_INVALID` for an archive that is not a chart, has paths outside it, has a file twice, or exceeds what a
 * chart may be
 */
export async function readChartArchive(
  bytes: Uint8Array,
  title: string,
  { signal }: WaitOptions = {},
): Promise<ChartTexts> {
  const texts = new Map<string, string>();
  const fail = (fact: string, cause?: unknown): never => {
    throw new SaddlebagError('ERR_ARCHIVE_INVALID', `Cannot read ${title}: ${fact}`, { cause });
  };
  const budget = { bytes: UNPACKED_LIMIT, entries: ENTRY_LIMIT };
  await readInto(bytes, { prefix: '', depth: 1 }, { texts, fail, budget, signal });
  if (!texts.has('Chart.yaml')) fail('it has no Chart.yaml');
  return texts;
}

interface Reading extends WaitOptions {
  readonly texts: Map<string, string>;
  readonly fail: (fact: string, cause?: unknown) => never;
  readonly budget: Budget;
}

/** Which of the charts in one another it is. */
interface Nesting {
  /** Path of a packed subchart in its parent; empty for the chart itself. */
  readonly prefix: string;
  readonly depth: number;
}

async function readInto(bytes: Uint8Array, { prefix, depth }: Nesting, reading: Reading): Promise<void> {
  const { texts, fail } = reading;
  if (depth > DEPTH_LIMIT) fail(`subcharts lie more than ${DEPTH_LIMIT} deep`);
  for (const [path, content] of await unpack(bytes, reading)) {
    // The first part is the chart's folder, whatever its name.
    const inner = `${prefix}${path.slice(path.indexOf('/') + 1)}`;
    if (path.endsWith('.tgz'))
      await readInto(content, { prefix: inner.replace(/\.tgz$/, '/'), depth: depth + 1 }, reading);
    else if (texts.has(inner)) fail(`it has the file ${JSON.stringify(inner)} twice`);
    else
      texts.set(
        inner,
        Buffer.from(content)
          .toString('utf8')
          .replace(/^\uFEFF/, ''),
      );
  }
}

async function unpack(
  bytes: Uint8Array,
  { fail, budget, signal }: Reading,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  const seen = new Set<string>();
  const faults: string[] = [];
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      const fault = admit(entry, seen, budget);
      if (fault !== undefined) faults.push(fault);
      const chunks: Uint8Array[] = [];
      if (fault === undefined && entry.type === 'File' && WANTED.test(entry.path)) {
        entry.on('data', (chunk) => chunks.push(chunk));
        entry.on('end', () => found.set(entry.path, Buffer.concat(chunks)));
      }
      entry.resume();
    },
  });
  const broken: unknown[] = [];
  parser.on('error', (error: unknown) => broken.push(error));
  let isFirst = true;
  try {
    for await (const chunk of gunzip(bytes)) {
      throwIfInterrupted(signal);
      budget.bytes -= chunk.length;
      if (budget.bytes < 0) fail(`unpacked it is larger than ${UNPACKED_LIMIT} bytes`);
      // The tar parser would decompress a doubly packed file itself, past the ceiling.
      if (isFirst && !isTar(chunk)) fail('it is not a tar archive');
      isFirst = false;
      parser.write(chunk);
      if (faults.length > 0 || broken.length > 0) break;
    }
    if (faults.length === 0 && broken.length === 0) parser.end();
  } catch (cause) {
    if (cause instanceof SaddlebagError) throw cause;
    fail(`it is not a packed chart (${messageOf(cause)})`, cause);
  }
  if (isFirst) fail('it is empty');
  const [fault] = faults;
  if (fault !== undefined) fail(fault);
  const [cause] = broken;
  if (cause !== undefined) fail(`it is not a tar archive (${messageOf(cause)})`, cause);
  return found;
}

async function* gunzip(bytes: Uint8Array): AsyncGenerator<Buffer, void, undefined> {
  const inflate = createGunzip();
  inflate.end(bytes);
  for await (const chunk of inflate) if (Buffer.isBuffer(chunk)) yield chunk;
}

/** The magic of every tar of the last thirty years (POSIX, "pax", ustar header block). */
function isTar(start: Buffer): boolean {
  return start.subarray(257, 262).toString('latin1') === 'ustar';
}

/** Returns what is wrong with an entry; deducts it from the budget. */
function admit({ path, size }: ReadEntry, seen: Set<string>, budget: Budget): string | undefined {
  const shown = JSON.stringify(path.slice(0, 200));
  budget.entries -= 1;
  if (budget.entries < 0) return `it has more than ${ENTRY_LIMIT} files`;
  if (size > FILE_LIMIT && WANTED.test(path) && !path.endsWith('.tgz'))
    return `its file ${shown} is larger than ${FILE_LIMIT} bytes`;
  if (/[\\\0]|^\/|^[A-Za-z]:/.test(path) || path.split('/').includes('..'))
    return `its file ${shown} leads out of it`;
  if (seen.has(path) && !path.endsWith('/')) return `it has the file ${shown} twice`;
  seen.add(path);
  return undefined;
}
