/** The chart names in an index, and the lines of the requested chart as a YAML document of their own. */
export interface HelmIndexBlock {
  readonly names: readonly string[];
  /** `undefined` when the index does not have the chart. */
  readonly text?: string | undefined;
}

/** A chart as Helm itself writes it: a key alone on its line, two spaces in. */
const KEY = /^ {2}(?:"([^"]+)"|([^\s"'#&*!|>%@`{}[\],?:-][^:]*)):[ \t]*$/;

/**
 * Returns the part of an index about the chart `name`. An index can reach tens of MiB, and parsing all of it takes a minute for
 * one small chart. `undefined` when the index is not laid out as Helm writes it, or has the chart twice: then it has to be
 * parsed whole.
 */
export function helmIndexBlock(text: string, name: string): HelmIndexBlock | undefined {
  const lines = text.split(/\r?\n/);
  const start = lines.findIndex((line) => /^entries:[ \t]*$/.test(line));
  if (start === -1) return undefined;
  const after = lines.findIndex((line, index) => index > start && /^[^\s#-]/.test(line));
  const section = lines.slice(start + 1, after === -1 ? undefined : after);
  if (section.some((line) => /^ {0,2}[^\s#-]/.test(line) && !KEY.test(line))) return undefined;
  const keys = section.flatMap((line, index) => {
    const [whole, quoted, plain] = KEY.exec(line) ?? [];
    return whole === undefined ? [] : [{ key: quoted ?? plain ?? '', line: start + 1 + index }];
  });
  const names = keys.map(({ key }) => key);
  const found = keys.filter(({ key }) => key === name);
  const [own, ...others] = found;
  if (others.length > 0 || keys.length === 0) return undefined;
  if (own === undefined) return { names };
  const next = keys.find(({ line }) => line > own.line)?.line ?? (after === -1 ? lines.length : after);
  const block = lines.slice(own.line, next);
  // An alias may refer to something outside the block.
  if (block.some((line) => /(?:^|[\s:[{,-])\*\S/.test(line.replace(/"[^"]*"|'[^']*'/g, ''))))
    return undefined;
  return { names, text: `entries:\n${block.join('\n')}\n` };
}
