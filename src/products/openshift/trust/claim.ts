import { SaddlebagError } from '../../../internal/error.ts';
import { parseForeignJson } from '../../../internal/foreign-json.ts';
import { isRecord } from '../../../internal/json.ts';
import { type Digest, isDigest } from '../../../oci/digest.ts';

const LIMIT = 64 * 1024;

/**
 * Returns the digest that a "simple signing" claim speaks of. The reference in it is not compared: releases are mirrored under
 * other names (openshift/library-go, `pkg/verify/verify.go`).
 *
 * @throws `ERR_SIGNATURE_INVALID` for a claim of another form, unknown fields included
 */
export function decodeClaim(content: Uint8Array): Digest {
  const claim = exactly(
    parseForeignJson(content, { limit: LIMIT, fail: invalid }),
    ['critical'],
    ['optional'],
  );
  const critical = exactly(claim['critical'], ['image', 'type', 'identity']);
  if (critical['type'] !== 'atomic container signature') throw invalid('its "type" is unknown');
  const identity = exactly(critical['identity'], ['docker-reference']);
  const reference = identity['docker-reference'];
  if (typeof reference !== 'string' || reference === '') throw invalid('it names no reference');
  const digest = exactly(critical['image'], ['docker-manifest-digest'])['docker-manifest-digest'];
  if (!isDigest(digest)) throw invalid('it names no digest');
  return digest;
}

function exactly(
  value: unknown,
  required: readonly string[],
  optional: readonly string[] = [],
): Record<string, unknown> {
  if (!isRecord(value)) throw invalid('a part of it is not an object');
  const known = [...required, ...optional];
  const isExact =
    required.every((key) => key in value) && Object.keys(value).every((key) => known.includes(key));
  if (!isExact) throw invalid(`a part of it has other fields than ${known.join(', ')}`);
  return value;
}

function invalid(fact: string, cause?: unknown): SaddlebagError {
  return new SaddlebagError('ERR_SIGNATURE_INVALID', `Cannot read what a release signature says: ${fact}`, {
    cause,
  });
}
