import { collectBytes } from '../../../src/internal/bytes.ts';
import type { Descriptor } from '../../../src/oci/descriptor.ts';
import { decodeManifest, MANIFEST_LIMIT, successorsOf } from '../../../src/oci/manifest.ts';
import { isManifestType } from '../../../src/oci/media-type.ts';
import type { Repository } from '../../../src/oci/roles.ts';
import { RegistryError } from '../../../src/registry/session/registry-error.ts';

export interface StrictOptions {
  /** What it says to have, and does not have until it is pushed. */
  readonly claims?: readonly Descriptor[];
  /** What it says to have taken over from another repository, and has not. */
  readonly mounts?: readonly Descriptor[];
  /** The code it refuses with; `MANIFEST_BLOB_UNKNOWN` when left out. */
  readonly code?: string;
  /** What it never takes. */
  readonly refuses?: readonly Descriptor[];
  /** Waits before a piece is taken. */
  readonly before?: (target: Descriptor) => Promise<void>;
}

export interface StrictRepository extends Repository {
  /** Digests in the order they came, again where they came again. */
  readonly pushed: readonly string[];
  readonly tags: ReadonlyMap<string, string>;
}

/** Returns a repository that takes a manifest only after all it is made of, and after its subject. */
export function strictRepository(options: StrictOptions = {}): StrictRepository {
  const { claims = [], mounts = [], refuses = [], code = 'MANIFEST_BLOB_UNKNOWN' } = options;
  const pushed: string[] = [];
  const tags = new Map<string, string>();
  const isIn = (list: readonly Descriptor[], { digest }: Descriptor): boolean =>
    list.some((each) => each.digest === digest);
  const take: Repository['push'] = async (target, content) => {
    await options.before?.(target);
    if (isIn(refuses, target)) throw refused('DENIED');
    const onExcess = (): Error => new Error('too long');
    const bytes = await collectBytes(content.fetch(target), { limit: MANIFEST_LIMIT, onExcess });
    if (isManifestType(target.mediaType)) {
      const document = decodeManifest(bytes, target.mediaType);
      const needed = [
        ...successorsOf(document),
        ...(document.subject === undefined ? [] : [document.subject]),
      ];
      if (!needed.every(({ digest }) => pushed.includes(digest))) throw refused(code);
    }
    pushed.push(target.digest);
  };
  return {
    pushed,
    tags,
    fetch: () => {
      throw new Error('nothing is read from here');
    },
    resolve: async () => undefined,
    has: async (target) => isIn(claims, target) || pushed.includes(target.digest),
    mount: async (target) => isIn(mounts, target),
    push: take,
    tag: async (target, content, tag) => {
      await take(target, content);
      tags.set(tag, target.digest);
    },
  };
}

function refused(code: string): RegistryError {
  return new RegistryError(
    'ERR_REGISTRY_FAILED',
    { what: 'push', fact: 'the registry answered 400' },
    { status: 400, registryCodes: [code] },
  );
}
