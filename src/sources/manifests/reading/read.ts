import { type ByteStream, collectBytes } from '../../../internal/bytes.ts';
import { SaddlebagError } from '../../../internal/error.ts';
import { throwIfInterrupted } from '../../../internal/interrupt.ts';
import type { WaitOptions } from '../../../oci/roles.ts';
import { imagesInLine } from '../../../products/kubernetes/image-lines.ts';
import { sandboxImageIn } from '../../../products/kubernetes/node-settings.ts';
import { parseImageList } from '../../../spec/lists/images.ts';
import { mergeValues } from '../../charts/images/merged-values.ts';
import { chartReadings } from './chart.ts';
import { failing, type GivenValues, jsonReadings, yamlReadings } from './documents.ts';
import { linesOf } from './lines.ts';
import { objectReadings } from './objects.ts';
import type { Reading } from './reading.ts';
import { told } from './told.ts';
import { startingWith, utf8Of } from './utf8.ts';

export type { Mention, NamedPlace, Reading } from './reading.ts';

/** A file that may name images. */
export interface NamingFile {
  /** Its name, for people. */
  readonly name: string;
  open(): ByteStream;
}

/** How much of a file tells what it is (bytes). */
const START = 64 * 1024;
/** Ceiling (bytes) of a packed chart. */
const CHART_LIMIT = 32 * 1024 * 1024;

/**
 * Yields what files say about the images that a cluster will ask for. Each is told by its content: objects of Kubernetes in YAML
 * or JSON, a Compose file, a list of images, a packed chart, values of a chart, configuration of a node. Values go over those
 * of the chart among the files, if there is one. Files are read as streams, a list item by item.
 *
 * @throws `ERR_OBJECTS_INVALID`, `ERR_LIST_INVALID`; for a chart `ERR_ARCHIVE_INVALID`, `ERR_DOCUMENT_INVALID`
 */
export async function* readNames(
  files: readonly NamingFile[],
  options: WaitOptions = {},
): AsyncGenerator<Reading, void, undefined> {
  const charts: { readonly file: string; readonly bytes: Uint8Array }[] = [];
  const values: GivenValues[] = [];
  for (const file of files) {
    const { name } = file;
    throwIfInterrupted(options.signal);
    const found = { images: 0, others: charts.length + values.length };
    const context = {
      file: name,
      signal: options.signal,
      onValues: (given: GivenValues) => void values.push(given),
      onChart: (bytes: Uint8Array) => void charts.push({ file: name, bytes }),
    };
    for await (const reading of fileReadings(file.open(), context)) {
      if (reading.type === 'image') found.images += 1;
      yield reading;
    }
    if (found.images === 0 && charts.length + values.length === found.others)
      yield { type: 'remark', message: `No image is named in "${name}"` };
  }
  yield* chartsWith(charts, values, options);
}

interface FileContext extends WaitOptions {
  readonly file: string;
  readonly onValues: (values: GivenValues) => void;
  readonly onChart: (bytes: Uint8Array) => void;
}

async function* fileReadings(
  bytes: ByteStream,
  context: FileContext,
): AsyncGenerator<Reading, void, undefined> {
  const { file, signal, onValues, onChart } = context;
  const source = startingWith(utf8Of(bytes), START)[Symbol.asyncIterator]();
  const first = await source.next();
  if (first.done === true) return;
  const chunks = resumed(first.value, source);
  const document = { file, chunks, signal, onValues };
  switch (told(first.value)) {
    case 'chart':
      return onChart(
        await collectBytes(chunks, { limit: CHART_LIMIT, onExcess: () => invalid(file, TOO_LARGE) }),
      );
    case 'json':
      return yield* jsonReadings(document);
    case 'list':
      return yield* listReadings(document);
    case 'settings':
      return yield* settingsReadings(document);
    case 'yaml':
      return yield* yamlReadings(document);
    case 'binary':
      throw invalid(file, 'it is neither text nor a packed chart');
  }
}

async function* numbered(
  lines: AsyncIterable<string>,
): AsyncGenerator<{ readonly line: string; readonly number: number }, void, undefined> {
  let number = 0;
  for await (const line of lines) yield { line, number: ++number };
}

const TOO_LARGE = 'it is packed like a chart, and too large for one';

async function* listReadings({
  file,
  chunks,
}: {
  readonly file: string;
  readonly chunks: ByteStream;
}): AsyncGenerator<Reading, void, undefined> {
  for await (const { line, number } of numbered(linesOf(chunks, failing(file)))) {
    // Lists of digests name the image first.
    const written = line.replace(/\s+sha256:[0-9a-f]{64}\s*$/, '');
    for (const { text } of listed(written, { file, number })) {
      const place = { file, line: number };
      const isPackaged = /^(?:docker\.io\/)?rancher\//.test(text);
      yield { type: 'image', text, isSure: true, isPackaged, at: () => place };
    }
  }
}

/** Lines are read one by one; only a wrong one needs those before it, for its number. */
function listed(
  line: string,
  { file, number }: { readonly file: string; readonly number: number },
): ReturnType<typeof parseImageList> {
  try {
    return parseImageList(line, file);
  } catch {
    return parseImageList(`${'\n'.repeat(number - 1)}${line}`, file);
  }
}

/** Units of systemd, environment files and containerd's TOML have arguments and assignments, a line each. */
async function* settingsReadings({
  file,
  chunks,
}: {
  readonly file: string;
  readonly chunks: ByteStream;
}): AsyncGenerator<Reading, void, undefined> {
  for await (const { line, number } of numbered(linesOf(chunks, failing(file)))) {
    if (/^\s*[#;]/.test(line)) continue;
    const place = { file, line: number };
    const sandbox = sandboxImageIn(line);
    if (sandbox !== undefined) yield { type: 'image', text: sandbox, isSure: true, at: () => place };
    else
      for (const { text, isSure, isLikely } of imagesInLine({ text: line }))
        yield { type: 'image', text, isSure, isLikely, at: () => place };
  }
}

async function* chartsWith(
  charts: readonly { readonly file: string; readonly bytes: Uint8Array }[],
  values: readonly GivenValues[],
  options: WaitOptions,
): AsyncGenerator<Reading, void, undefined> {
  const [only] = charts;
  const isClear = charts.length === 1 && only !== undefined;
  if (isClear && values.length > 0) {
    const merged = values.reduce<Readonly<Record<string, unknown>>>(
      (below, { value }) => mergeValues(below, value),
      {},
    );
    const valuesFrom = values.map(({ file, text }) => [file, text] as const);
    return yield* chartReadings({ file: only.file, bytes: only.bytes, values: merged, valuesFrom }, options);
  }
  for (const { file, bytes } of charts) yield* chartReadings({ file, bytes }, options);
  for (const { file, value, at } of values) {
    yield {
      type: 'remark',
      message: `"${file}" is taken for values of a chart, and read without one`,
      hint: 'Give the one packed chart that they are for as well: --for takes several files.',
    };
    yield* objectReadings(value, at, options);
  }
  return undefined;
}

async function* resumed(first: Uint8Array, rest: AsyncIterator<Uint8Array>): ByteStream {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

function invalid(file: string, fact: string): SaddlebagError {
  return new SaddlebagError('ERR_OBJECTS_INVALID', `Cannot read ${JSON.stringify(file)}: ${fact}`, {
    hint: 'It may be Kubernetes YAML or JSON, a list of images, a packed chart, values, a Compose file, or config.yaml of K3s or RKE2.',
  });
}
