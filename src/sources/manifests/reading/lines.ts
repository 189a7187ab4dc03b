import type { ByteStream } from '../../../internal/bytes.ts';

/** Ceiling (characters) of a line, where whoever reads it names no other. */
const LINE_LIMIT = 1024 * 1024;

/**
 * Yields the lines of a text in UTF-8 without their ends, whichever of the three they are. `fail` is told of a line that is longer
 * than the ceiling, before all of it is read.
 */
export async function* linesOf(
  chunks: ByteStream,
  fail: (fact: string, line: number) => never,
  { limit = LINE_LIMIT }: { readonly limit?: number | undefined } = {},
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder('utf-8');
  let [rest, number] = ['', 1];
  // A final "\r" may be half of "\r\n".
  let held = '';
  for await (const chunk of chunks) {
    const text = held + decoder.decode(chunk, { stream: true });
    held = text.endsWith('\r') ? '\r' : '';
    const [first = '', ...lines] = text.slice(0, text.length - held.length).split(/\r\n|\n|\r/);
    rest += first;
    for (const line of lines) {
      yield rest;
      rest = line;
      number += 1;
    }
    if (rest.length > limit) fail('it has a line that is too long', number);
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}
