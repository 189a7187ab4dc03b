import { parseForeignJson } from '../../../internal/foreign-json.ts';
import { parseForeignYaml } from './yaml.ts';
import { isRecord } from '../../../internal/json.ts';
import { quote } from '../../../internal/quote.ts';
import type { CatalogText } from './documents.ts';
import type { Fail } from './fail.ts';

/** A bundle in the upgrade graph of a channel. */
export interface ChannelEntry {
  readonly name: string;
  readonly replaces?: string | undefined;
  readonly skips: readonly string[];
}

/** An olm.bundle: one version of an operator. */
export interface BundleFact {
  readonly schema: 'olm.bundle';
  readonly package: string;
  readonly name: string;
  /** From its property `olm.package`; left out when it has none. */
  readonly version?: string | undefined;
  /** The bundle's own image and its related images, as written. */
  readonly images: readonly string[];
}

/** An olm.channel: an upgrade graph. */
export interface ChannelFact {
  readonly schema: 'olm.channel';
  readonly package: string;
  readonly name: string;
  readonly entries: readonly ChannelEntry[];
}

/** An olm.package: an operator. */
export interface PackageFact {
  readonly schema: 'olm.package';
  readonly package: string;
  readonly defaultChannel?: string | undefined;
}

/** What a document says, as far as it matters for a choice. `package` is left out for documents of none. */
export type CatalogFact =
  | BundleFact
  | ChannelFact
  | PackageFact
  | { readonly schema: 'olm.deprecations'; readonly package: string }
  | { readonly schema: 'other'; readonly package?: string | undefined };

/** Names and references longer than this (characters) are refused: all of them are held in memory. */
const NAME_LIMIT = 1024;

/** Parses a document. @throws what `fail` returns */
export function parseCatalogText({ format, bytes }: CatalogText, fail: Fail): unknown {
  return format === 'json'
    ? parseForeignJson(bytes, { limit: bytes.length, fail, exact: true })
    : parseForeignYaml(bytes, fail);
}

/**
 * Decodes a document of a file-based catalog (operator-framework/operator-registry, `alpha/declcfg/declcfg.go`).
 *
 * @throws what `fail` returns: for a document without a schema, or one that does not follow a known schema
 */
export function catalogFact(document: unknown, fail: Fail): CatalogFact {
  if (!isRecord(document)) throw fail('one of its documents is not an object');
  const read = readerOf(document, fail);
  const schema = read.text('schema');
  switch (schema) {
    case 'olm.package':
      return { schema, package: read.text('name'), defaultChannel: read.optional('defaultChannel') };
    case 'olm.channel':
      return { schema, ...read.owned(), entries: read.list('entries').map((each) => entryOf(each, fail)) };
    case 'olm.bundle':
      return { schema, ...read.owned(), version: versionOf(read.list('properties')), images: imagesOf(read) };
    case 'olm.deprecations':
      return { schema, package: read.text('package') };
    default:
      return { schema: 'other', package: read.optional('package') };
  }
}

interface Reader {
  text(key: string): string;
  optional(key: string): string | undefined;
  list(key: string): readonly unknown[];
  owned(): { readonly package: string; readonly name: string };
}

function readerOf(document: Record<string, unknown>, fail: Fail): Reader {
  const title = ['schema', 'package', 'name']
    .map((key) => document[key])
    .filter((each) => typeof each === 'string');
  const wrong = (fact: string): Error =>
    fail(`${title.length === 0 ? 'one of its documents' : `document ${quote(title.join(' '))}`} ${fact}`);
  const optional = (key: string): string | undefined => {
    const value = document[key];
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value === 'string' && value.length <= NAME_LIMIT) return value;
    throw wrong(`has a "${key}" that is not a name`);
  };
  const text = (key: string): string => {
    const value = optional(key);
    if (value === undefined) throw wrong(`has no "${key}"`);
    return value;
  };
  return {
    optional,
    text,
    list: (key) => {
      const value = document[key];
      if (value === undefined || value === null) return [];
      if (Array.isArray(value)) return value;
      throw wrong(`has a "${key}" that is not a list`);
    },
    owned: () => ({ package: text('package'), name: text('name') }),
  };
}

function entryOf(entry: unknown, fail: Fail): ChannelEntry {
  if (!isRecord(entry)) throw fail('an entry of a channel is not an object');
  const read = readerOf(entry, fail);
  const skips = read.list('skips').map((each) => {
    if (typeof each === 'string' && each.length <= NAME_LIMIT) return each;
    throw fail('an entry of a channel skips something that is not a name');
  });
  return { name: read.text('name'), replaces: read.optional('replaces'), skips };
}

function versionOf(properties: readonly unknown[]): string | undefined {
  const own = properties.find((each) => isRecord(each) && each['type'] === 'olm.package');
  const value = isRecord(own) ? own['value'] : undefined;
  const version = isRecord(value) ? value['version'] : undefined;
  return typeof version === 'string' && version.length <= NAME_LIMIT ? version : undefined;
}

function imagesOf(read: Reader): readonly string[] {
  const related = read.list('relatedImages').flatMap((each) => (isRecord(each) ? [each['image']] : []));
  const all = [read.optional('image'), ...related];
  return [
    ...new Set(all.filter((each): each is string => typeof each === 'string' && each.length <= NAME_LIMIT)),
  ].filter((each) => each !== '');
}
