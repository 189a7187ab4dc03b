import { SaddlebagError } from '../../internal/error.ts';
import { chartTag } from '../../products/helm/chart-name.ts';
import { parseReference, type Reference } from '../../oci/reference.ts';

const SCHEME = 'oci://';

/**
 * Returns the location of a chart from `oci://registry/repository:version`. A tag cannot hold the `+` of a version, so `_`
 * stands for it, as in Helm.
 *
 * @throws `ERR_REFERENCE_INVALID`
 */
export function parseChartReference(text: string): Reference {
  if (!text.startsWith(SCHEME)) throw invalid(text, 'it does not begin with "oci://"');
  const reference = parseReference(chartTag(text.slice(SCHEME.length)));
  const isNamed = reference.digest !== undefined || /:[^/]+$/.test(text.slice(SCHEME.length));
  if (isNamed) return reference;
  throw invalid(text, 'it has no version', 'Write the version behind it: oci://registry/charts/name:1.2.3');
}

function invalid(text: string, fact: string, hint?: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_REFERENCE_INVALID',
    `Cannot read reference ${JSON.stringify(text)}: ${fact}`,
    { hint: hint ?? 'Write a chart of a registry like this: oci://registry/charts/name:1.2.3' },
  );
}
