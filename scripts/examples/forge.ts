import { LAYOUT } from '../../src/bundle/format/layout.ts';
import { encodeJson, isRecord } from '../../src/internal/json.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { type Files, sealed } from './content.ts';

type Json = Readonly<Record<string, unknown>>;

/** `bundle.json` as written. */
export interface RawDocument extends Json {
  readonly items: readonly Json[];
  readonly files: readonly Json[];
  readonly blobs: readonly Json[];
}

/** Returns the content of `bundle.json` in these files. */
export function documentOf(files: Files): RawDocument {
  const value: unknown = JSON.parse(textOf(files, LAYOUT.document));
  const list = (key: string): readonly Json[] => {
    const found = isRecord(value) ? value[key] : undefined;
    return Array.isArray(found) ? found.filter(isRecord) : [];
  };
  return {
    ...(isRecord(value) ? value : {}),
    items: list('items'),
    files: list('files'),
    blobs: list('blobs'),
  };
}

/** Returns files with another `bundle.json` and matching checksums. */
export function withDocument(files: Files, document: Json): Map<string, Uint8Array> {
  return sealed(new Map(files).set(LAYOUT.document, encodeJson(document)));
}

/** Returns files with one file of the head replaced, and a matching `bundle.json` and checksums. */
export function withHeadFile(files: Files, path: string, text: string): Map<string, Uint8Array> {
  const bytes = Buffer.from(text);
  const document = documentOf(files);
  const own = { digest: digestOf(bytes), size: bytes.length };
  const listed = document.files.map((file) => (file['path'] === path ? { path, ...own } : file));
  return withDocument(new Map(files).set(path, bytes), { ...document, files: listed });
}

/** Returns a file as text. */
export function textOf(files: Files, path: string): string {
  return Buffer.from(files.get(path) ?? []).toString();
}
