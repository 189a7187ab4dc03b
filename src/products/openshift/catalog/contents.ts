import type { CatalogText } from './documents.ts';
import type { Fail } from './fail.ts';
import { type CatalogFact, catalogFact, parseCatalogText } from './facts.ts';
import { withoutData } from './without-data.ts';

/** A document of a catalog, without its bytes unless they may have to change. */
export interface CatalogDocument {
  readonly fact: CatalogFact;
  readonly format: CatalogText['format'];
  /** bytes */
  readonly size: number;
  readonly bytes?: Uint8Array | undefined;
}

/** Ceilings of what is held of one catalog, far above what a catalog of hundreds of MiB needs. */
const LIMITS = { documents: 1_000_000, bytes: 128 * 1024 * 1024 } as const;

/** Returns a function that counts documents, and fails when a catalog exceeds a ceiling. */
export function ceilingOf(fail: Fail): (document: CatalogDocument) => void {
  let [documents, bytes] = [0, 0];
  return ({ bytes: held, fact }) => {
    documents += 1;
    if (documents > LIMITS.documents) throw fail(`it has more than ${LIMITS.documents} documents`);
    bytes += held?.length ?? 0;
    if (fact.schema === 'olm.bundle') bytes += fact.images.reduce((sum, image) => sum + image.length, 0);
    if (bytes > LIMITS.bytes) throw fail(`its channels and images have more than ${LIMITS.bytes} bytes`);
  };
}

/**
 * Returns what is remembered of a document: of packages that are not in `packages`, no more than whose it is. `undefined` for a
 * document that is empty.
 *
 * @throws what `fail` returns
 */
export function catalogDocument(
  text: CatalogText,
  packages: ReadonlySet<string> | undefined,
  fail: Fail,
): CatalogDocument | undefined {
  const slim = text.format === 'json' ? { format: text.format, bytes: withoutData(text.bytes) } : text;
  const document = parseCatalogText(slim, fail);
  // A YAML document may consist of comments.
  if (document === null) return undefined;
  const fact = catalogFact(document, fail);
  const { format, bytes } = text;
  const size = bytes.length;
  if (fact.package !== undefined && packages?.has(fact.package) === false)
    return { fact: { schema: 'other', package: fact.package }, format, size };
  const mayChange = CHANGEABLE.includes(fact.schema);
  return { fact, format, size, bytes: mayChange ? Buffer.from(bytes) : undefined };
}

const CHANGEABLE: readonly string[] = ['olm.package', 'olm.channel', 'olm.deprecations'];
