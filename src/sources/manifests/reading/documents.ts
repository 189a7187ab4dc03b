import { SaddlebagError } from '../../../internal/error.ts';
import { throwIfInterrupted } from '../../../internal/interrupt.ts';
import { isRecord } from '../../../internal/json.ts';
import { placedDocument } from '../../../internal/yaml/text.ts';
import type { ByteStream } from '../../../internal/bytes.ts';
import type { WaitOptions } from '../../../oci/roles.ts';
import { isCompose, withDefaults } from '../../../products/compose/services.ts';
import { isNodeConfig } from '../../../products/kubernetes/node-settings.ts';
import { jsonLine } from './json-line.ts';
import { jsonPieces } from './json-pieces.ts';
import { linesOf } from './lines.ts';
import { objectReadings, type PlacedObject } from './objects.ts';
import type { Piece } from './piece.ts';
import type { Reading } from './reading.ts';
import { DOCUMENT_LIMIT, yamlPieces } from './yaml-pieces.ts';

/** Values of a chart: which, only the chart tells. */
export interface GivenValues {
  readonly file: string;
  readonly text: string;
  readonly value: Readonly<Record<string, unknown>>;
  readonly at: PlacedObject;
}

/** A file that is read. */
export interface DocumentFile extends WaitOptions {
  /** Its name, for people. */
  readonly file: string;
  /** UTF-8 without a byte order mark. */
  readonly chunks: ByteStream;
  /** Receives values of a chart instead of what they name. */
  readonly onValues: (values: GivenValues) => void;
}

/**
 * Yields what the documents of a JSON file say, item by item.
 *
 * @throws `ERR_OBJECTS_INVALID`
 */
export async function* jsonReadings(given: DocumentFile): AsyncGenerator<Reading, void, undefined> {
  const fail = failing(given.file);
  for await (const piece of jsonPieces(given.chunks, fail)) {
    throwIfInterrupted(given.signal);
    const { text, line } = piece;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      fail('it is not JSON', line, { cause });
    }
    const lineOf: PlacedObject['lineOf'] = (path) => line + jsonLine(text, path);
    yield* documentReadings(value, { piece, lineOf }, given);
  }
}

/**
 * Yields what the documents of a YAML file say.
 *
 * @throws `ERR_OBJECTS_INVALID`
 */
export async function* yamlReadings(given: DocumentFile): AsyncGenerator<Reading, void, undefined> {
  const fail = failing(given.file);
  for await (const piece of yamlPieces(linesOf(given.chunks, fail, { limit: DOCUMENT_LIMIT }), fail)) {
    throwIfInterrupted(given.signal);
    const { text, line, path } = piece;
    const document = placedDocument(text);
    if ('fact' in document) {
      if (isTemplate(text)) fail(TEMPLATE, line + document.line - 1, { hint: RENDER });
      fail(document.fact, line + document.line - 1);
      continue;
    }
    // An item was cut out with its dash, so it is a list of one.
    const isItem = path.length > 0 && Array.isArray(document.value);
    const value: unknown = isItem ? document.value[0] : document.value;
    const lineOf: PlacedObject['lineOf'] = (inner) =>
      line + document.lineOf(isItem ? [0, ...inner] : inner) - 1;
    yield* documentReadings(value, { piece, lineOf }, given);
  }
}

async function* documentReadings(
  value: unknown,
  { piece, lineOf }: { readonly piece: Piece; readonly lineOf: PlacedObject['lineOf'] },
  { file, onValues, signal }: DocumentFile,
): AsyncGenerator<Reading, void, undefined> {
  const at: PlacedObject = { file, path: piece.path, lineOf };
  const isWhole = piece.path.length === 0;
  if (isWhole && isRecord(value) && !isObject(value)) {
    if (isCompose(value)) return yield* objectReadings(withDefaults(value), at, { signal });
    if (isNodeConfig(value)) return yield* nodeConfigReadings(value, at);
    const isAround = Array.isArray(value['items']) || value['items'] === '';
    if (!isAround && Object.keys(value).length > 0) return onValues({ file, text: piece.text, value, at });
  }
  for await (const reading of objectReadings(value, at, { signal })) {
    // Inside a ConfigMap, a template is a text that some program fills in.
    if (reading.type === 'image' && !reading.isSure && isTemplate(reading.text)) {
      const { line = 1, object = '' } = reading.at();
      if (!/^(?:ConfigMap|Secret)\b/.test(object)) failing(file)(TEMPLATE, line, { hint: RENDER });
    }
    yield reading;
  }
  return undefined;
}

async function* nodeConfigReadings(
  value: Readonly<Record<string, unknown>>,
  at: PlacedObject,
): AsyncGenerator<Reading, void, undefined> {
  const host = value['system-default-registry'];
  if (typeof host === 'string' && host !== '') yield { type: 'registry', host };
  yield {
    type: 'remark',
    message: `The images of the release itself are not named in "${at.file}"`,
    hint: 'Check its list as well, such as k3s-images.txt or rke2-images-core.linux-amd64.txt: --for takes several files.',
  };
  yield* objectReadings(value, at);
}

function isObject(value: Readonly<Record<string, unknown>>): boolean {
  return typeof value['kind'] === 'string' && typeof value['apiVersion'] === 'string';
}

const TEMPLATE = 'it is a template of Helm';
const RENDER = 'Render it with "helm template", and check what that writes; or check the packed chart.';

/** Returns whether a text has actions that Helm alone knows. */
function isTemplate(text: string): boolean {
  return /\{\{-?\s*(?:\.(?:Values|Release|Chart|Capabilities|Files|Template)\b|(?:include|template|define|if|range|with|end|toYaml|tpl)\b|\$)/.test(
    text,
  );
}

/** Returns what throws the error for a line of a file that cannot be read. */
export function failing(
  file: string,
): (fact: string, line: number, more?: { readonly hint?: string; readonly cause?: unknown }) => never {
  return (fact, line, { hint, cause } = {}) => {
    throw new SaddlebagError(
      'ERR_OBJECTS_INVALID',
      `Cannot read ${JSON.stringify(file)} at line ${line}: ${fact.charAt(0).toLowerCase()}${fact.slice(1)}`,
      { hint, cause },
    );
  };
}
