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
import { openCarriedBlob } from './carried-blob.ts';
import type { Holding } from './holding.ts';
import { Verdicts } from './verdicts.ts';

/** A blob open for reading, and whether its bytes have been verified. */
export interface ServedBlob extends BlobFile {
  /** Whether the whole blob was read before and matched its digest. */
  isVerified(): boolean;
  /** Takes the digest of all bytes just read. @throws `ERR_DIGEST_MISMATCH` */
  judge(found: Digest): void;
}

export interface BlobsOptions {
  /** Called on damage, once for each blob and place. */
  readonly onDamage?: ((error: SaddlebagError, path: string) => void) | undefined;
  readonly onVerified?: (() => void) | undefined;
}

/** Smaller blobs (bytes) are hashed in this thread: starting another would take longer. */
const SMALL = 8 * 1024 * 1024;
const CHUNK = 1024 * 1024;
/** How many whole blobs are verified for range requests at once: they compete with pulls. */
const VERIFICATIONS = 2;

/** Manifests of what is on disk to keep (bytes): reading one again is quick, and thousands of images have many. */
const NEAR_DOCUMENTS = 4 * 1024 * 1024;

/** All served blobs, each from the first place that is known to have it intact. */
export class Blobs implements BlobStore {
  readonly #holdings: readonly Holding[];
  readonly #options: BlobsOptions;
  /** By holding, what was found out about its blobs: a replaced file has other bytes. */
  readonly #verdicts: ReadonlyMap<Holding, Verdicts>;
  readonly #verifying = new Map<string, Promise<void>>();
  readonly #gate = new Gate(VERIFICATIONS);
  readonly #documents: DocumentCache;

  constructor(holdings: readonly Holding[], options: BlobsOptions = {}) {
    this.#holdings = holdings;
    this.#options = options;
    this.#verdicts = new Map(holdings.map((holding) => [holding, new Verdicts(holding.blobs)]));
    const isNear = holdings.every(({ stream }) => stream === undefined);
    this.#documents = new DocumentCache(isNear ? NEAR_DOCUMENTS : undefined);
  }

  sizeOf(digest: Digest): number | undefined {
    return this.#holdings.find(({ blobs }) => blobs.has(digest))?.blobs.sizeOf(digest);
  }

  /**
   * Opens a blob.
   *
   * @throws `ERR_CONTENT_NOT_FOUND`; `ERR_BUNDLE_DAMAGED`, `ERR_DIGEST_MISMATCH` or `ERR_DISK_FAILED` when no place has it intact
   */
  async open(digest: Digest): Promise<ServedBlob> {
    let failure: SaddlebagError = notFound(digest);
    for (const holding of this.#holdings) {
      if (!holding.blobs.has(digest)) continue;
      try {
        return await this.#openAt(holding, digest);
      } catch (error) {
        if (!isSaddlebagError(error)) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  /** Opens a blob whose bytes are verified; the first time, this reads the whole blob. Throws as {@link open}. */
  async openVerified(digest: Digest, options: WaitOptions = {}): Promise<ServedBlob> {
    for (;;) {
      const blob = await this.open(digest);
      try {
        if (blob.isVerified()) return blob;
        await this.#verify(blob, options);
        if (blob.isVerified()) return blob;
      } catch (error) {
        await blob[Symbol.asyncDispose]();
        // Another place may have it intact; if none does, opening it reports that.
        if (!isSaddlebagError(error, 'ERR_DIGEST_MISMATCH')) throw error;
        continue;
      }
      await blob[Symbol.asyncDispose]();
    }
  }

  /**
   * Returns a small blob, verified, and caches it in memory.
   *
   * @throws as {@link open}; `ERR_DOCUMENT_INVALID` when it exceeds the size limit of a manifest
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

  async #openAt(holding: Holding, digest: Digest): Promise<ServedBlob> {
    const file = await openIn(holding, digest);
    const verdicts = this.#verdicts.get(holding);
    const judgement = (): boolean | undefined => verdicts?.of(digest, file.identity);
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
        verdicts?.set(digest, file.identity, isRight);
        if (isNews && isRight) this.#options.onVerified?.();
        if (isRight) return;
        const error = new ContentMismatchError(file, { size: file.size, digest: found });
        if (isNews) this.#options.onDamage?.(error, holding.path);
        throw error;
      },
      [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
    };
  }

  /** Concurrent range requests share one verification of the blob. */
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

async function openIn(holding: Holding, digest: Digest): Promise<BlobFile> {
  const { stream, blobs } = holding;
  if (stream === undefined) return await openBlobFile(holding, digest);
  return openCarriedBlob(stream, { digest, size: blobs.sizeOf(digest) ?? 0 });
}

/** Hashing a large blob in this thread would block every other answer. */
async function hashBlob(blob: BlobFile): Promise<Digest> {
  if (blob.size < SMALL || blob.extents.length === 0) return await hashHere(blob);
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
    `Cannot find blob "${digest}": nothing served here has it`,
  );
}

function damaged(digest: Digest, holding: Holding): SaddlebagError {
  return new SaddlebagError(
    'ERR_DIGEST_MISMATCH',
    `Cannot serve blob "${digest}": it is damaged in "${holding.path}"`,
    {
      hint:
        holding.stream === undefined
          ? 'Copy the bundle again, or repair it with "bundle repair".'
          : 'Push the bundle again with "bundle push --verify".',
    },
  );
}

function tooLarge({ digest, size }: BlobFile): SaddlebagError {
  return new SaddlebagError(
    'ERR_DOCUMENT_INVALID',
    `Cannot read "${digest}": ${size} bytes are too many for a manifest`,
  );
}
