import { SaddlebagError } from '../../../internal/error.ts';
import { parseForeignJson } from '../../../internal/foreign-json.ts';
import { isRecord } from '../../../internal/json.ts';
import { RELEASE_METADATA } from './names.ts';

/** Real ones have some 20 KiB (bytes). */
const METADATA_LIMIT = 4 * 1024 * 1024;

/**
 * Returns the version in the metadata of a release (openshift/oc, `pkg/cli/admin/release/new.go`).
 *
 * @throws `ERR_DOCUMENT_INVALID`
 */
export function decodeReleaseVersion(bytes: Uint8Array): string {
  const document = parseForeignJson(bytes, { limit: METADATA_LIMIT, fail: invalid });
  if (!isRecord(document)) throw invalid('it is not an object');
  if (document['kind'] !== 'cincinnati-metadata-v0')
    throw invalid('it is not of kind cincinnati-metadata-v0');
  const version = document['version'];
  if (typeof version !== 'string' || !/^[0-9A-Za-z][0-9A-Za-z.+-]{0,63}$/.test(version))
    throw invalid('its "version" is not a version');
  return version;
}

function invalid(fact: string, cause?: unknown): SaddlebagError {
  return new SaddlebagError(
    'ERR_DOCUMENT_INVALID',
    `Cannot read "${RELEASE_METADATA}" of an OpenShift release: ${fact}`,
    { cause },
  );
}
