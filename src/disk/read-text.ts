import { open, type FileHandle } from 'node:fs/promises';
import { SaddlebagError } from '../internal/error.ts';
import type { ErrorCode } from '../internal/error-code.ts';
import { formatBytes } from '../internal/format.ts';
import { throwIfInterrupted } from '../internal/interrupt.ts';
import { factOf } from './errno.ts';

/** Limit for a text file from a user (bytes); Rancher's own image list is a hundredth of it. */
const TEXT_LIMIT = 4 * 1024 * 1024;

/** What a text file is to the user, for messages. */
export interface TextFileKind {
  /** `spec`, `image list`, `registries file` */
  readonly what: string;
  readonly code: ErrorCode;
  readonly hint?: string | undefined;
  /** Limit (bytes); {@link TEXT_LIMIT} when left out. */
  readonly limit?: number | undefined;
}

/**
 * Returns the text of a file, without its byte order mark. UTF-16 is read too, since `>` in Windows PowerShell writes it.
 *
 * @throws `kind.code` when the file cannot be read, is no text, or is over its limit
 */
export async function readTextFile(
  path: string,
  kind: TextFileKind,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<string> {
  throwIfInterrupted(options.signal);
  const { limit = TEXT_LIMIT } = kind;
  const cannot = (fact: string, cause?: unknown): SaddlebagError =>
    new SaddlebagError(kind.code, `Cannot read ${kind.what} "${path}": ${fact}`, {
      hint: kind.hint,
      cause,
    });
  let bytes: Uint8Array;
  try {
    await using file = await open(path, 'r');
    bytes = await readUpTo(file, limit + 1);
  } catch (cause) {
    throw cannot(factOf(cause), cause);
  }
  if (bytes.length > limit) throw cannot(`it is larger than ${formatBytes(limit)}`);
  const text = decodeText(bytes);
  if (text === undefined || text.includes('\0')) throw cannot('it is not a text file');
  return text;
}

/** Pipes and `/dev/stdin` report no size, so the limit is enforced while reading. */
async function readUpTo(file: FileHandle, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length < limit) {
    const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(65_536) });
    if (bytesRead === 0) break;
    chunks.push(buffer.subarray(0, bytesRead));
    length += bytesRead;
  }
  return Buffer.concat(chunks, length);
}

function decodeText(bytes: Uint8Array): string | undefined {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    // Undecodable bytes are a fact about the file, which the caller reports with its name.
    return undefined;
  }
}
