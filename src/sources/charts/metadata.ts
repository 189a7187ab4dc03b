import { SaddlebagError } from '../../internal/error.ts';
import { isRecord } from '../../internal/json.ts';
import { textOf, textValues } from '../../internal/yaml/text.ts';

/** A chart's own description (Helm, "The Chart.yaml File"). */
export interface ChartMetadata {
  readonly name: string;
  readonly version: string;
  readonly appVersion?: string | undefined;
  /** The Kubernetes versions it supports, as a Helm version range. */
  readonly kubeVersion?: string | undefined;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Name and version become a file name and a repository name. */
const WORD = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,127}$/;

/**
 * Decodes a `Chart.yaml`.
 *
 * @throws `ERR_DOCUMENT_INVALID`
 */
export function decodeChartYaml(text: string, title: string): ChartMetadata {
  const value = textValues(text);
  const fail = (fact: string): never => {
    throw new SaddlebagError('ERR_DOCUMENT_INVALID', `Cannot read Chart.yaml of ${title}: ${fact}`);
  };
  return metadataOf(isRecord(value) ? value : fail('it is not a mapping'), fail);
}

/**
 * Decodes the config of a chart in a registry: its `Chart.yaml` as JSON.
 *
 * @throws `ERR_DOCUMENT_INVALID`
 */
export function decodeChartConfig(bytes: Uint8Array, title: string): ChartMetadata {
  const fail = (fact: string, cause?: unknown): never => {
    throw new SaddlebagError('ERR_DOCUMENT_INVALID', `Cannot read config of ${title}: ${fact}`, { cause });
  };
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    fail('it is not JSON', cause);
  }
  return metadataOf(isRecord(value) ? value : fail('it is not an object'), fail);
}

/**
 * Returns a chart's config for a registry: `Chart.yaml` as JSON. Strings stay as written; the two fields that Helm reads as
 * booleans become booleans.
 */
export function encodeChartConfig(text: string): Uint8Array {
  const encoded = JSON.stringify(textValues(text), (key, value: unknown) => {
    if (key === 'deprecated' || key === 'enabled') return value === 'true';
    return typeof value === 'string' ? textOf(value) : value;
  });
  return Buffer.from(encoded);
}

function metadataOf(value: Readonly<Record<string, unknown>>, fail: (fact: string) => never): ChartMetadata {
  const name = textOf(value['name']) ?? fail('it has no "name"');
  const version = textOf(value['version']) ?? fail('it has no "version"');
  if (!WORD.test(name)) fail(`its name ${JSON.stringify(name.slice(0, 200))} is not valid`);
  if (!WORD.test(version)) fail(`its version ${JSON.stringify(version.slice(0, 200))} is not valid`);
  const annotations = isRecord(value['annotations']) ? Object.entries(value['annotations']) : [];
  return {
    name,
    version,
    appVersion: textOf(value['appVersion']),
    kubeVersion: textOf(value['kubeVersion']),
    annotations: Object.fromEntries(
      annotations.flatMap(([key, text]) => (typeof text === 'string' ? [[key, text]] : [])),
    ),
  };
}
