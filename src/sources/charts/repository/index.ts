import { SaddlebagError } from '../../../internal/error.ts';
import { isRecord } from '../../../internal/json.ts';
import type { Digest } from '../../../oci/digest.ts';
import { parseYamlText } from '../../../spec/yaml/text.ts';
import { digestFromHex } from '../../web/checksum.ts';
import { helmIndexBlock } from './index-block.ts';

/** One version of a chart, as the index of a repository lists it (Helm, `pkg/repo/index.go`). */
export interface HelmIndexEntry {
  readonly version: string;
  /** Absolute, or relative to the repository's address. */
  readonly url: string;
  /** Digest of the packed chart; many repositories leave it out. */
  readonly digest?: Digest | undefined;
}

/** Part of an index: all chart names, and the versions of the requested chart. */
export interface HelmIndex {
  readonly names: readonly string[];
  readonly entries: readonly HelmIndexEntry[];
}

/** Parsing YAML of this many characters takes some ten seconds. */
const YAML_LIMIT = 8 * 1024 * 1024;
/** A chart version has a handful of fields, and repositories list a few thousand versions. */
const ENTRY_LIMIT = 20_000;

/**
 * Decodes the part of a Helm repository's index about the chart `name`. Skips entries without an address, as Helm does.
 *
 * @throws `ERR_DOCUMENT_INVALID`, also when a version is listed twice with different content
 */
export function decodeHelmIndex(bytes: Uint8Array, name: string, where: string): HelmIndex {
  const fail = (fact: string): never => {
    throw new SaddlebagError('ERR_DOCUMENT_INVALID', `Cannot read Helm index "${where}": ${fact}`);
  };
  const { charts, names } = readIndex(bytes, name, { where, fail });
  if (!Object.hasOwn(charts, name)) return { names, entries: [] };
  const list = charts[name];
  if (!Array.isArray(list)) return fail(`the versions of "${name}" are not a list`);
  if (list.length > ENTRY_LIMIT) return fail(`"${name}" has more than ${ENTRY_LIMIT} versions`);
  const known = new Map<string, HelmIndexEntry>();
  for (const value of list) {
    const entry = entryOf(value, fail);
    if (entry === undefined) continue;
    const other = known.get(entry.version);
    if (other !== undefined && (other.digest !== entry.digest || other.url !== entry.url))
      return fail(`version ${JSON.stringify(entry.version)} of "${name}" appears twice`);
    known.set(entry.version, entry);
  }
  return { names, entries: [...known.values()] };
}

/** Parses a JSON index whole, and only the relevant part of a YAML index if that can be isolated. */
function readIndex(
  bytes: Uint8Array,
  name: string,
  { where, fail }: { readonly where: string; readonly fail: (fact: string) => never },
): { readonly charts: Readonly<Record<string, unknown>>; readonly names: readonly string[] } {
  const text = Buffer.from(bytes).toString('utf8');
  const isJson = text.trimStart().startsWith('{');
  const block = isJson ? undefined : helmIndexBlock(text, name);
  if (block !== undefined && block.text === undefined) return { charts: {}, names: block.names };
  const part = block?.text ?? text;
  if (!isJson && part.length > YAML_LIMIT)
    fail(`it is larger than ${YAML_LIMIT} bytes, and not laid out as Helm writes it`);
  const value = isJson ? parseJson(text, where) : parseYaml(part, where);
  const entries = isRecord(value) ? value['entries'] : undefined;
  const charts = isRecord(entries) ? entries : fail('it has no "entries"');
  return { charts, names: block?.names ?? Object.keys(charts) };
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SaddlebagError('ERR_DOCUMENT_INVALID', `Cannot read Helm index "${where}": it is not JSON`, {
      cause,
    });
  }
}

function parseYaml(text: string, where: string): unknown {
  const { value, faults } = parseYamlText(text, where);
  const [fault] = faults;
  if (fault === undefined) return value;
  const { place, fact } = fault;
  throw new SaddlebagError(
    'ERR_DOCUMENT_INVALID',
    `Cannot read Helm index "${where}": at line ${place.line}, ${fact}`,
  );
}

function entryOf(value: unknown, fail: (fact: string) => never): HelmIndexEntry | undefined {
  if (!isRecord(value)) return undefined;
  const { version, urls, digest } = value;
  const [url]: readonly unknown[] = Array.isArray(urls) ? urls : [];
  if (typeof version !== 'string' || typeof url !== 'string') return undefined;
  if (digest === undefined || digest === null || digest === '') return { version, url };
  const known = typeof digest === 'string' ? digestFromHex(digest.replace(/^sha256:/, '')) : undefined;
  if (known === undefined) return fail(`the digest of version ${JSON.stringify(version)} is not a digest`);
  return { version, url, digest: known };
}
