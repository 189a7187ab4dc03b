import { isRecord } from '../../internal/json.ts';

/**
 * Returns why a load failed, by the lines that Docker answers with, or `undefined`. The status is 200 whatever happened, and an
 * image that cannot be unpacked is called loaded first (moby, `daemon/containerd/image_exporter.go`; `image/tarexport/load.go`).
 */
export function loadFault(report: string, image: string): string | undefined {
  const words: string[] = [];
  for (const line of report.split('\n')) {
    const { error, stream } = parseLine(line);
    if (error !== undefined) return error;
    if (stream?.startsWith('Error unpacking') === true) return stream.trim();
    if (stream !== undefined) words.push(stream.trim());
  }
  const names = words.map((word) => /^Loaded image: (.*)$/.exec(word)?.[1] ?? '');
  if (names.some((name) => name !== '' && isNamed(image, name))) return undefined;
  return words.length === 0
    ? 'it took nothing, as it does with an image for another platform'
    : `it does not say that it has it (${words.join(' ').slice(0, 300)})`;
}

/** Docker says names of Docker Hub in the short form. */
function isNamed(image: string, name: string): boolean {
  const short = image.replace(/^docker\.io\/(?:library\/)?/, '');
  return name === image || name === short || name === image.replace(/^docker\.io\//, '');
}

function parseLine(line: string): {
  readonly error?: string | undefined;
  readonly stream?: string | undefined;
} {
  if (line.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(line);
    if (!isRecord(value)) return {};
    const { error, stream } = value;
    return {
      error: typeof error === 'string' ? error : undefined,
      stream: typeof stream === 'string' ? stream : undefined,
    };
  } catch {
    return { stream: line };
  }
}
