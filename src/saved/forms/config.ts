import { parseForeignJson } from '../../internal/foreign-json.ts';
import { isRecord } from '../../internal/json.ts';
import { quote } from '../../internal/quote.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import type { SavedFiles } from '../files/files.ts';
import { savedInvalid } from '../images.ts';

const CONFIG_LIMIT = 8 * 1024 * 1024;

/** The config of an image, and what it says its layers are when unpacked. */
export interface SavedConfig {
  readonly bytes: Uint8Array;
  readonly diffIds: readonly Digest[];
}

/** Returns the config in these bytes (OCI image-spec, config.md). @throws `ERR_ARCHIVE_INVALID` */
export function configOf(saved: SavedFiles, path: string, bytes: Uint8Array): SavedConfig {
  const fail = (fact: string, cause?: unknown): Error =>
    savedInvalid(saved, `config ${quote(path)}: ${fact}`, { cause });
  const value = parseForeignJson(bytes, { limit: CONFIG_LIMIT, fail });
  const rootfs = isRecord(value) ? value['rootfs'] : undefined;
  // An image made from scratch, of nothing, has no layers.
  const ids = isRecord(rootfs) ? (rootfs['diff_ids'] ?? []) : undefined;
  if (!Array.isArray(ids) || !ids.every(isDigest)) throw fail('it does not say which layers the image has');
  return { bytes, diffIds: ids };
}
