import { hashFiles } from '../../disk/hash/pool.ts';
import type { HashOutcome } from '../../disk/hash/job.ts';
import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { Gate } from '../../internal/gate.ts';
import { type Digest, digestOf, finishDigest, startDigest } from '../../oci/digest.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { DocumentCache } from '../../oci/documents.ts';
import { MANIFEST_LIMIT } from '../../oci/manifest.ts';
import type { BlobStore, WaitOptions } from '../../oci/roles.ts';
import { ContentMismatchError } from '../../oci/verified.ts';
import { type BlobFile, openBlobFile } from './blob-file.ts';
import type { FileIdentity } from './file-identity.ts';
import type { Holding } from './holding.ts';

/** A blob open for reading, with what is known of its bytes. */
export interface ServedBlob extends BlobFile {
  /** Whether its bytes were read whole before, and were right. */
  isVerified(): boolean;
  /** Takes the digest of all of its bytes, read just now. @throws `ERR_DIGEST_MISMATCH` */
  judge(found: Digest): void;
}

export interface BlobsOptions {
  /** Hears of damage, once for each blob and place. */
  readonly onDamage?: ((error: SaddlebagError, path: string) => void) | undefined;
  readonly onVerified?: (() => void) | undefined;
}

/** Less than this (bytes) is hashed here; starting a thread would take longer. */
const SMALL = 8 * 1024 * 1024;
const CHUNK = 1024 * 1024;
/** Whole blobs read for the sake of a range at once: they compete with those who pull. */
const VERIFICATIONS = 2;

/** The blobs of everything that is served: each from the first place that has it intact, as far as that is known. */
export class Blobs implements BlobStore {
  readonly #holdings: readonly Holding[];
  readonly #options: BlobsOptions;
  /** Where a blob was right or wrong, and in which files: other files are other bytes. */
  readonly #judged = new Map<string, { readonly identity: FileIdentity; readonly isRight: boolean }>();
  readonly #verifying = new Map<string, Promise<void>>();
  readonly #gate = new Gate(VERIFICATIONS);
  readonly #documents = new DocumentCache();

  constructor(holdings: readonly Holding[], options: BlobsOptions = {}) {
    this.#holdings = holdings;
    this.#options = options;
  }

  sizeOf(digest: Digest): number | undefined {
    return this.#holdings.find(({ blobs }) => blobs.has(digest))?.blobs.get(digest);
  }

  /**
   * Opens a blob.
   *
   * @throws `ERR_CONTENT_NOT_FOUND`; `ERR_BUNDLE_DAMAGED`, `ERR_DIGEST_MISMATCH` or `ERR_DISK_FAILED` when no place has it intact
   */
  async open(digest: Digest): Promise<ServedBlob> {
    let failure: SaddlebagError = notFound(digest);
    for (const [place, holding] of this.#holdings.entries()) {
      if (!holding.blobs.has(digest)) continue;
      try {
        return await this.#openAt(place, holding, digest);
      } catch (error) {
        if (!isSaddlebagError(error)) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  /** Opens a blob whose bytes are known to be right; the first time, that takes as long as reading it. Throws as {@link open}. */
  async openVerified(digest: Digest, options: WaitOptions = {}): Promise<ServedBlob> {
    for (;;) {
      const blob = await this.open(digest);
      try {
        if (blob.isVerified()) return blob;
        await this.#verify(blob, options);
        if (blob.isVerified()) return blob;
      } catch (error) {
        await blob[Symbol.asyncDispose]();
        // Another place may have it intact; when none is left, opening it says so.
        if (!isSaddlebagError(error, 'ERR_DIGEST_MISMATCH')) throw error;
        continue;
      }
      await blob[Symbol.asyncDispose]();
    }
  }

  /**
   * Returns a small blob, verified. It is kept in memory for the next one who asks.
   *
   * @throws as {@link open}; `ERR_DOCUMENT_INVALID` when it is larger than any manifest
   */
  async fetchWhole({ digest }: Pick<Descriptor, 'digest'>): Promise<Uint8Array> {
    return await this.#documents.get(digest, async () => {
      for (;;) {
        await using blob = await this.open(digest);
        if (blob.size > MANIFEST_LIMIT) throw tooLarge(blob);
        const bytes = Buffer.alloc(blob.size);
        await blob.read(bytes, 0);
        try {
          blob.judge(digestOf(bytes));
          return bytes;
        } catch (error) {
          if (!isSaddlebagError(error, 'ERR_DIGEST_MISMATCH')) throw error;
        }
      }
    });
  }

  async *fetch(target: Pick<Descriptor, 'digest'>): AsyncGenerator<Uint8Array, void, void> {
    yield await this.fetchWhole(target);
  }

  async #openAt(place: number, holding: Holding, digest: Digest): Promise<ServedBlob> {
    const file = await openBlobFile(holding, digest);
    const key = `${place} ${digest}`;
    const judgement = (): boolean | undefined => {
      const known = this.#judged.get(key);
      return known?.identity === file.identity ? known.isRight : undefined;
    };
    if (judgement() === false) {
      await file[Symbol.asyncDispose]();
      throw damaged(digest, holding);
    }
    return {
      ...file,
      isVerified: () => judgement() === true,
      judge: (found) => {
        const isRight = found === digest;
        const isNews = judgement() === undefined;
        this.#judged.set(key, { identity: file.identity, isRight });
        if (isNews && isRight) this.#options.onVerified?.();
        if (isRight) return;
        const error = new ContentMismatchError(file, { size: file.size, digest: found });
        if (isNews) this.#options.onDamage?.(error, holding.path);
        throw error;
      },
      [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
    };
  }

  /** However many ask for ranges of it, a blob is read once. */
  async #verify(blob: ServedBlob, options: WaitOptions): Promise<void> {
    const key = `${blob.digest} ${blob.identity}`;
    const work = this.#verifying.get(key) ?? this.#gate.run(async () => blob.judge(await hashBlob(blob)));
    this.#verifying.set(key, work);
    try {
      await work;
    } finally {
      this.#verifying.delete(key);
    }
    options.signal?.throwIfAborted();
  }
}

/** A large blob is hashed in a thread of its own, or nobody else would be answered meanwhile. */
async function hashBlob(blob: BlobFile): Promise<Digest> {
  if (blob.size < SMALL) return await hashHere(blob);
  let outcome: HashOutcome | undefined;
  await hashFiles([{ extents: blob.extents }], { workers: 1, onOutcome: (_, found) => (outcome = found) });
  if (outcome !== undefined && 'digest' in outcome) return outcome.digest;
  throw new SaddlebagError(
    'ERR_DISK_FAILED',
    `Cannot read blob "${blob.digest}": ${outcome?.failure.message ?? ''}`,
  );
}

async function hashHere(blob: BlobFile): Promise<Digest> {
  const hash = startDigest();
  const buffer = Buffer.alloc(Math.min(CHUNK, blob.size));
  for (let at = 0; at < blob.size; at += buffer.length) {
    const part = buffer.subarray(0, blob.size - at);
    await blob.read(part, at);
    hash.update(part);
  }
  return finishDigest(hash);
}

function notFound(digest: Digest): SaddlebagError {
  return new SaddlebagError(
    'ERR_CONTENT_NOT_FOUND',
    `Cannot find blob "${digest}": nothing that is served has it`,
  );
}

function damaged(digest: Digest, { path }: Holding): SaddlebagError {
  return new SaddlebagError(
    'ERR_DIGEST_MISMATCH',
    `Cannot serve blob "${digest}": it is damaged in "${path}"`,
    {
      hint: 'Copy the bundle again, or mend it with "bundle repair".',
    },
  );
}

function tooLarge({ digest, size }: BlobFile): SaddlebagError {
  return new SaddlebagError(
    'ERR_DOCUMENT_INVALID',
    `Cannot read "${digest}": ${size} bytes are too many for a manifest`,
  );
}
