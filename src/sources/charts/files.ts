import { open } from 'node:fs/promises';
import { SaddlebagError, systemCode } from '../../internal/error.ts';
import { factOf } from '../../disk/errno.ts';
import { readTextFile } from '../../disk/read-text.ts';
import { formatBytes } from '../../internal/format.ts';
import { isRecord } from '../../internal/json.ts';
import { textValues } from '../../internal/yaml/text.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import { collectProblems } from '../../internal/problems.ts';
import type { PartFiles } from '../../spec/part.ts';
import type { ChartPart } from './part.ts';

/** Ceiling (bytes) of a packed chart, which is read into memory; real ones are a few MiB at most. */
const CHART_LIMIT = 32 * 1024 * 1024;
const GZIP = Buffer.from([0x1f, 0x8b]);

/**
 * Returns the local packed charts and values files that a spec names, by their path as written.
 *
 * @throws `ProblemsError` `ERR_SPEC_INVALID` with every one that cannot be read
 */
export async function readChartFiles(
  charts: readonly ChartPart[],
  files: PartFiles,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const tasks = charts.flatMap((chart, index) =>
    filesOf(chart).map(async ({ key, written, kind }): Promise<readonly [string, Uint8Array]> => {
      throwIfInterrupted(files.signal);
      const place = files.placeOf(['charts', index, key]);
      return [written, await READERS[kind](written, files.pathOf(written), place)];
    }),
  );
  const entries = await collectProblems(tasks, {
    code: 'ERR_SPEC_INVALID',
    message: () => 'Cannot read the charts of the spec',
  });
  return new Map(entries);
}

type FileKind = 'chart' | 'values';

function filesOf(
  chart: ChartPart,
): readonly { readonly key: string; readonly written: string; readonly kind: FileKind }[] {
  return [
    ...('path' in chart ? [{ key: 'path', written: chart.path, kind: 'chart' as const }] : []),
    ...(chart.values === undefined
      ? []
      : [{ key: 'values', written: chart.values, kind: 'values' as const }]),
  ];
}

const READERS: Readonly<Record<FileKind, typeof readChart>> = { chart: readChart, values: readValues };

async function readValues(written: string, path: string, place: string): Promise<Uint8Array> {
  const text = await readTextFile(path, {
    what: 'values',
    code: 'ERR_SPEC_INVALID',
    hint: `It is named at ${place}.`,
  });
  const values = textValues(text);
  if (values === null || isRecord(values)) return Buffer.from(text);
  throw new SaddlebagError(
    'ERR_SPEC_INVALID',
    `Cannot read values ${JSON.stringify(written)}: it is not a mapping`,
    {
      hint: `It is named at ${place}.`,
    },
  );
}

async function readChart(written: string, path: string, place: string): Promise<Uint8Array> {
  const cannot = (fact: string, hint = '', cause?: unknown): SaddlebagError =>
    new SaddlebagError('ERR_SPEC_INVALID', `Cannot read chart ${JSON.stringify(written)}: ${fact}`, {
      hint: `${hint}It is named at ${place}.`,
      cause,
    });
  let bytes: Uint8Array;
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    if (size > CHART_LIMIT) throw cannot(`it is larger than ${formatBytes(CHART_LIMIT)}`);
    bytes = await file.readFile();
  } catch (cause) {
    if (cause instanceof SaddlebagError) throw cause;
    const hint = systemCode(cause) === 'EISDIR' ? 'Pack it first with "helm package FOLDER". ' : '';
    throw cannot(factOf(cause), hint, cause);
  }
  if (Buffer.compare(bytes.subarray(0, 2), GZIP) !== 0) throw cannot('it is not a packed chart (.tgz)');
  return bytes;
}
