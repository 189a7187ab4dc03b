import type { ByteStream } from '../../../internal/bytes.ts';

/** Yields the lines of a text in UTF-8 without their ends, whichever of the three they are. */
export async function* linesOf(chunks: ByteStream): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder('utf-8');
  let rest = '';
  for await (const chunk of chunks) {
    const text = rest + decoder.decode(chunk, { stream: true });
    // A final "\r" may be half of "\r\n".
    const whole = text.endsWith('\r') ? text.slice(0, -1) : text;
    const lines = whole.split(/\r\n|\n|\r/);
    rest = `${lines.pop() ?? ''}${text.slice(whole.length)}`;
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest.replace(/\r$/, '');
}
