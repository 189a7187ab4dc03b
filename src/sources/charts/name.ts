import { SaddlebagError } from '../../internal/error.ts';
import { redactUrl } from '../../internal/http/redact.ts';
import { formatReference, parseReference } from '../../oci/reference.ts';
import { chartTag, LOCAL_CHARTS } from '../../products/helm/chart-name.ts';
import type { ChartMetadata } from './metadata.ts';

/**
 * Returns the name of a chart in a bundle, a full reference: below the address of its repository, or below `localhost` for a
 * local chart. Characters that a reference cannot hold are replaced: `+` becomes `_` by Helm's rule, capitals become lower
 * case.
 *
 * @throws `ERR_REFERENCE_INVALID`
 */
export function chartName(metadata: ChartMetadata, repository: string | undefined): string {
  const { name, version } = metadata;
  const parts = repository === undefined ? LOCAL_CHARTS : partsOf(repository);
  const text = `${[...parts, nameComponent(name)].join('/')}:${chartTag(version)}`;
  try {
    return formatReference(parseReference(text));
  } catch (cause) {
    const from = repository === undefined ? '' : ` of "${redactUrl(repository)}"`;
    throw new SaddlebagError(
      'ERR_REFERENCE_INVALID',
      `Cannot name chart "${name}"${from}: "${text}" is not a reference`,
      { cause },
    );
  }
}

/** Without a dot, only a port tells a host from a first folder. */
function partsOf(repository: string): readonly string[] {
  const { hostname, port, pathname, protocol } = new URL(repository);
  const isPlain = !hostname.includes('.') && hostname !== 'localhost' && port === '';
  const host = isPlain ? `${hostname}:${protocol === 'https:' ? 443 : 80}` : hostname;
  const folders = pathname.split('/').map(nameComponent);
  return [port === '' ? host : `${host}:${port}`, ...folders.filter((folder) => folder !== '')];
}

/** Distribution's rule for a component of a repository: lower-case letters and digits, with single separators in between. */
function nameComponent(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, (separator) => (/^(?:\.|_{1,2}|-+)$/.test(separator) ? separator : '-'))
    .replaceAll(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');
}
