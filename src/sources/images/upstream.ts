import { factOf, isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { BytesTable } from '../../internal/table/bytes-table.ts';
import { mayBeAbsent } from '../../oci/absence.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { type Digest, hexOf } from '../../oci/digest.ts';
import { MANIFEST_LIMIT } from '../../oci/manifest.ts';
import { isManifestType, MEDIA_TYPE } from '../../oci/media-type.ts';
import { formatReference, type Reference } from '../../oci/reference.ts';
import type {
  Attachment,
  Fetcher,
  Registry,
  Repository,
  WaitOptions,
  WholeDocument,
} from '../../oci/roles.ts';
import { ContentMismatchError, fetchDocument } from '../../oci/verified.ts';
import { attachmentsOf } from './attachments.ts';
import { once, shared } from '../web/once.ts';
import type { ImageUpstream } from '../questions.ts';

/** Configs larger than this (bytes) are refused, because they are read into memory. */
const CONFIG_LIMIT = 8 * 1024 * 1024;

/** How often to fetch content that turns out wrong. */
const TRIES = 3;
/** Helm charts are read into memory too; real ones are a few MiB at most. */
const CHART_LIMIT = 32 * 1024 * 1024;

/** What an earlier run left on this machine. */
export interface EarlierRun {
  /** Returns what a reference pointed to then, if that is still here. */
  readonly digestOf: (name: string) => Digest | undefined;
  /** Returns a document, verified; `undefined` when it is not here. */
  readonly document: (
    target: Descriptor,
    options: WaitOptions & { readonly limit: number },
  ) => Promise<Uint8Array | undefined>;
}

/**
 * Returns the live registries; `registryOf` gives the one at a host. Asks each question once a run, and for no document that
 * `earlier` has.
 */
export function createImageUpstream(
  registryOf: (host: string) => Registry,
  earlier?: EarlierRun,
): ImageUpstream {
  const resolved = once<Descriptor>();
  const documents = shared<Uint8Array>();
  const held = new BytesTable();
  const tags = once<readonly string[] | undefined>();
  const attachments = once<readonly Attachment[]>();
  const repositoryOf = (reference: Reference): Repository =>
    registryOf(reference.registry).repository(reference.repository);
  const keyOf = ({ registry, repository }: Reference, { digest }: Descriptor): string =>
    `${registry}/${repository}@${digest}`;
  const document: ImageUpstream['document'] = async (reference, target, options) => {
    const limit = limitOf(target.mediaType);
    const known = held.get(hexOf(target.digest));
    if (known?.length === target.size && target.size <= limit) return known;
    return await documents(keyOf(reference, target), async () => {
      const asked = { limit, signal: options?.signal };
      const bytes =
        (await earlier?.document(target, asked)) ??
        (await fetchSound(repositoryOf(reference), target, asked));
      held.add(hexOf(target.digest), bytes);
      return held.get(hexOf(target.digest)) ?? bytes;
    });
  };
  const resolve = async (reference: Reference, options?: WaitOptions): Promise<Descriptor> => {
    const repository = repositoryOf(reference);
    // Where the document is here, its digest is all that is wanted, and a HEAD counts against no quota.
    const isNear = earlier?.digestOf(formatReference(reference)) !== undefined;
    const whole = isNear ? undefined : await wholeOf(repository, reference, options);
    if (whole === undefined) return await headOf(repository, reference, options);
    const { descriptor, bytes } = whole;
    held.add(hexOf(descriptor.digest), bytes);
    return descriptor;
  };
  return {
    resolve: (reference, options) => resolved(formatReference(reference), () => resolve(reference, options)),
    document,
    content: (reference, target, options) => repositoryOf(reference).fetch(target, options),
    held: (digest) => held.get(hexOf(digest)),
    tags: (reference, options) =>
      tags(`${reference.registry}/${reference.repository}`, async () =>
        repositoryOf(reference).listTags?.(options),
      ),
    attached: (reference, digest, options) =>
      attachments(`${reference.registry}/${reference.repository}@${digest}`, () => {
        const place = {
          host: reference.registry,
          repository: repositoryOf(reference),
          document: (target: Descriptor, wait?: WaitOptions) => document(reference, target, wait),
        };
        return attachmentsOf(place, digest, options);
      }),
  };
}

/** When one endpoint sends wrong content, the next may have the right one. */
async function fetchSound(
  repository: Repository,
  target: Descriptor,
  options: WaitOptions & { readonly limit: number },
): Promise<Uint8Array> {
  for (let attempt = 0; ; attempt += 1) {
    const from: Fetcher = {
      fetch: (each, { offset, lease, signal } = {}) =>
        repository.fetch(each, { offset, lease, signal, attempt }),
    };
    try {
      return await fetchDocument(from, target, options);
    } catch (error) {
      if (!(error instanceof ContentMismatchError) || attempt + 1 === TRIES) throw error;
    }
  }
}

/** Returns the most bytes of a document of this type that are read into memory. */
export function limitOf(mediaType: string): number {
  if (isManifestType(mediaType)) return MANIFEST_LIMIT;
  return mediaType === MEDIA_TYPE.helmChart ? CHART_LIMIT : CONFIG_LIMIT;
}

/** Returns what a reference stands for in one request; `undefined` when it takes more to know. */
async function wholeOf(
  repository: Repository,
  reference: Reference,
  options?: WaitOptions,
): Promise<WholeDocument | undefined> {
  if (repository.resolveWhole === undefined) return undefined;
  try {
    return found(await repository.resolveWhole(wantedOf(reference), options), reference);
  } catch (error) {
    // Once the right digest is known, other endpoints may have the right content.
    if (error instanceof ContentMismatchError) return undefined;
    throw doubted(formatReference(reference), error);
  }
}

async function headOf(
  repository: Repository,
  reference: Reference,
  options?: WaitOptions,
): Promise<Descriptor> {
  try {
    return found(await repository.resolve(wantedOf(reference), options), reference);
  } catch (error) {
    throw doubted(formatReference(reference), error);
  }
}

/** A digest beats the tag beside it, wherever the tag points by now. */
function wantedOf({ digest, tag }: Reference): string {
  return digest ?? tag ?? 'latest';
}

function found<T>(answer: T | undefined, reference: Reference): T {
  if (answer !== undefined) return answer;
  throw new SaddlebagError(
    'ERR_UPSTREAM_NOT_FOUND',
    `Cannot find image "${formatReference(reference)}": "${reference.registry}" does not have it`,
    { hint: 'Check its name and tag; a registry may also answer so for a private repository.' },
  );
}

/** A public registry denies a misspelt name just like a private one. */
function doubted(name: string, error: unknown): unknown {
  if (!isSaddlebagError(error, 'ERR_REGISTRY_DENIED') || !mayBeAbsent(error)) return error;
  const fact = `it does not exist or needs credentials: ${factOf(error)}`;
  return new SaddlebagError(error.code, `Cannot find image "${name}": ${fact}`, {
    hint: error.hint,
    cause: error,
  });
}
