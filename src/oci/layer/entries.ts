import type { ByteStream } from '../../internal/bytes.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { decompressed } from './decompressed.ts';
import { ChunkReader, type TarInput } from './chunk-reader.ts';

/** An entry of a layer (OCI image-spec, layer.md). */
export interface LayerEntry {
  /** Without `./` or a slash at either end. */
  readonly path: string;
  readonly type: 'file' | 'hard-link' | 'link' | 'folder' | 'other';
  /** Bytes of its content. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly modified: number;
  /** Where a link points. */
  readonly target: string;
  /** Where its bytes begin in the unpacked tar (bytes). */
  readonly position: number;
  /** Its bytes, to be read before the next entry is asked for; what is not read is skipped. */
  readonly content: ByteStream;
}

/** Ceilings of a layer. */
export interface LayerLimits {
  /** Bytes when unpacked. */
  readonly bytes: number;
  readonly entries: number;
}

const BLOCK = 512;
/** Longest extended header (bytes): paths have 4096 at most. */
const EXTENSION_LIMIT = 1024 * 1024;
const TYPES: Readonly<Record<string, LayerEntry['type']>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'hard-link',
  '2': 'link',
  '5': 'folder',
};

/**
 * Yields the entries of a layer in order, in bounded memory: ustar, PAX and GNU long names, as the tools that make images write
 * them. The stream is read to its end, so that a wrapper which verifies it has seen all of it.
 *
 * @throws `ERR_ARCHIVE_INVALID` for what is no layer, or exceeds the limits
 */
export function layerEntries(
  stream: ByteStream,
  limits: LayerLimits,
): AsyncGenerator<LayerEntry, void, undefined> {
  return tarEntries(new ChunkReader(limited(decompressed(stream), limits.bytes)), limits.entries);
}

/** Yields the entries of a tar, at most `limit` of them, and closes it. Otherwise as {@link layerEntries}. */
export async function* tarEntries(
  reader: TarInput,
  limit: number,
): AsyncGenerator<LayerEntry, void, undefined> {
  try {
    for (let count = 0; ; count += 1) {
      const entry = await nextEntry(reader);
      if (entry === undefined) break;
      if (count === limit) throw invalid(`it has more than ${limit} entries`);
      let left = entry.size;
      yield {
        ...entry,
        position: reader.position,
        content: (async function* () {
          for await (const chunk of reader.upTo(left)) {
            left -= chunk.length;
            yield chunk;
          }
        })(),
      };
      if (!(await reader.skip(left)) || !(await reader.skip(padding(entry.size)))) throw cut();
    }
    await reader.skipAll();
  } catch (error) {
    throw asOurs(error);
  } finally {
    await reader.close();
  }
}

/** Yields the stream, and fails after `limit` bytes. @throws `ERR_ARCHIVE_INVALID` */
export async function* limited(stream: ByteStream, limit: number): ByteStream {
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > limit) throw invalid(`unpacked it has more than ${limit} bytes`);
    yield chunk;
  }
}

type Head = Omit<LayerEntry, 'content' | 'position'>;

async function nextEntry(reader: TarInput): Promise<Head | undefined> {
  const extended = new Map<string, string>();
  for (;;) {
    const block = await reader.take(BLOCK);
    if (block === undefined || block.every((byte) => byte === 0)) return undefined;
    if (block.length < BLOCK) throw cut();
    if (checksumOf(block) !== octal(block, 148, 8)) throw invalid('a header of it has a wrong checksum');
    const flag = String.fromCharCode(block[156] ?? 0);
    const size = number(block, 124, 12);
    if (!['x', 'g', 'L', 'K'].includes(flag)) return headOf(block, flag, extended);
    if (size > EXTENSION_LIMIT) throw invalid(`an extended header of it has ${size} bytes`);
    const content = await reader.take(size);
    if ((content?.length ?? 0) !== size || !(await reader.skip(padding(size)))) throw cut();
    if (flag === 'x')
      for (const [key, value] of paxRecords(content ?? Buffer.alloc(0))) extended.set(key, value);
    if (flag === 'L') extended.set('path', cString(content ?? Buffer.alloc(0), 0, size));
    if (flag === 'K') extended.set('linkpath', cString(content ?? Buffer.alloc(0), 0, size));
  }
}

function headOf(block: Buffer, flag: string, extended: ReadonlyMap<string, string>): Head {
  const isPosix = block.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isPosix ? cString(block, 345, 155) : '';
  const name = cString(block, 0, 100);
  const type = TYPES[flag] ?? 'other';
  const written = extended.get('size');
  const size = written === undefined ? number(block, 124, 12) : Number(written);
  if (!Number.isSafeInteger(size) || size < 0) throw invalid('an entry of it has no size');
  return {
    path: plain(extended.get('path') ?? (prefix === '' ? name : `${prefix}/${name}`)),
    type,
    size: type === 'file' || type === 'other' ? size : 0,
    modified: Math.max(0, Math.floor(Number(extended.get('mtime') ?? number(block, 136, 12)))) || 0,
    target: extended.get('linkpath') ?? cString(block, 157, 100),
  };
}

/** `25 path=some/where\n`, the length first (POSIX, "pax Extended Header"). */
function* paxRecords(content: Buffer): Generator<readonly [string, string]> {
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at);
    const length = Number(content.toString('latin1', at, Math.max(at, space)));
    const end = at + length;
    if (space === -1 || !Number.isSafeInteger(length) || length < 5 || end > content.length)
      throw invalid('an extended header of it is broken');
    const record = content.toString('utf8', space + 1, end - 1);
    const equals = record.indexOf('=');
    yield [record.slice(0, equals), record.slice(equals + 1)];
    at = end;
  }
}

function plain(path: string): string {
  return path.replace(/^(?:\.?\/)+/, '').replace(/\/+$/, '');
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

function checksumOf(block: Buffer): number {
  return block.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);
}

/** Octal, or GNU's base-256. */
function number(block: Buffer, at: number, length: number): number {
  if (((block[at] ?? 0) & 0x80) === 0) return octal(block, at, length);
  const value = BigInt(`0x${block.toString('hex', at + 1, at + length)}`);
  return value <= Number.MAX_SAFE_INTEGER ? Number(value) : Number.NaN;
}

function octal(block: Buffer, at: number, length: number): number {
  const text = cString(block, at, length).trim();
  return text === '' ? 0 : /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
}

function cString(block: Buffer, at: number, length: number): string {
  const end = block.indexOf(0, at);
  return block.toString('utf8', at, end === -1 || end > at + length ? at + length : end);
}

/** Errors of the unpacker are ours; those of the source stay as they are. */
function asOurs(error: unknown): unknown {
  const isUnpacking =
    error instanceof Error && 'code' in error && /^(?:Z_|ZSTD_|ERR_ZSTD)/.test(String(error.code));
  return isUnpacking ? invalid('it cannot be unpacked', error) : error;
}

function cut(): SaddlebagError {
  return invalid('it ends in the middle of an entry');
}

function invalid(fact: string, cause?: unknown): SaddlebagError {
  return new SaddlebagError('ERR_ARCHIVE_INVALID', `Cannot read layer: ${fact}`, { cause });
}
