import type { CatalogText } from './documents.ts';
import type { Fail } from './fail.ts';
import { type CatalogFact, catalogFact, parseCatalogText } from './facts.ts';

/** A document of a catalog, without its bytes unless they may have to change. */
export interface CatalogDocument {
  readonly fact: CatalogFact;
  readonly format: CatalogText['format'];
  /** bytes */
  readonly size: number;
  readonly bytes?: Uint8Array | undefined;
}

/** Ceilings of one catalog; the largest known has 60,000 documents and some 8 MiB of channels. */
const LIMITS = { documents: 1_000_000, bytes: 128 * 1024 * 1024 } as const;

/** Returns a function that fails when more is held of a catalog than any real one has. */
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
 * Returns what is remembered of a document, and of one of a package that is not in `packages` next to nothing; `undefined` for a
 * document that says nothing.
 *
 * @throws what `fail` returns
 */
export function catalogDocument(
  text: CatalogText,
  packages: ReadonlySet<string> | undefined,
  fail: Fail,
): CatalogDocument | undefined {
  const document = parseCatalogText(text, fail);
  // A YAML stream may have a document of comments alone.
  if (document === null) return undefined;
  const fact = catalogFact(document, fail);
  const { format, bytes } = text;
  const size = bytes.length;
  if (fact.package !== undefined && packages?.has(fact.package) === false)
    return { fact: { schema: 'other', package: fact.package }, format, size };
  const mayChange = CHANGEABLE.includes(fact.schema);
  return { fact, format, size, bytes: mayChange ? bytes : undefined };
}

const CHANGEABLE: readonly string[] = ['olm.package', 'olm.channel', 'olm.deprecations'];
