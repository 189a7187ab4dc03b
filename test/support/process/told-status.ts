import { createStatus } from '../../../src/cli/display/status/create.ts';
import type { Status, Voiced } from '../../../src/cli/display/status/status.ts';
import type { Voice } from '../../../src/cli/display/status/voice.ts';
import { styleFor } from '../../../src/cli/display/style.ts';
import { ManualClock } from '../manual-clock.ts';
import { MemoryStream } from './cli.ts';

/** What speaks on a stream in memory, by a clock that is moved by hand. */
export interface ToldStatus extends Disposable {
  readonly status: Status;
  readonly voiced: Voiced;
  readonly clock: ManualClock;
  readonly stream: MemoryStream;
  /** Returns the lines so far. */
  readonly lines: () => readonly string[];
}

export async function toldStatus(
  voice: Voice,
  options: { readonly columns?: number; readonly quiet?: boolean; readonly verbose?: boolean } = {},
): Promise<ToldStatus> {
  const { columns = 100, quiet = false, verbose = false } = options;
  const stream = new MemoryStream(voice === 'live', columns);
  const clock = new ManualClock();
  const style = styleFor(stream, { NO_COLOR: '1' });
  const voiced = await createStatus({ stream, style, voice, quiet, verbose, clock });
  return {
    status: voiced.status,
    voiced,
    clock,
    stream,
    lines: () => stream.text.split('\n').slice(0, -1),
    [Symbol.dispose]: () => voiced.status[Symbol.dispose](),
  };
}

/** Returns what a terminal of so many columns shows after all that was written to it, line by line, and what has scrolled away. */
export function screenOf(text: string, columns: number): readonly string[] {
  const rows: string[][] = [[]];
  let [row, column] = [0, 0];
  // oxlint-disable-next-line no-control-regex -- this is what a terminal reads
  const pattern = /\u001B\[(\d*)([A-Z])|([\s\S])/gu;
  for (const [, count = '', command, character] of text.matchAll(pattern)) {
    if (command === 'A') row -= Number(count === '' ? 1 : count);
    else if (command === 'J') {
      rows.length = row + 1;
      rows[row]?.splice(column);
    } else if (command !== undefined) throw new Error(`an unknown command: ${command}`);
    else if (character === '\r') column = 0;
    else if (character === '\n') {
      row += 1;
      column = 0;
      rows[row] ??= [];
    } else if (character !== undefined) {
      if (column >= columns) {
        row += 1;
        column = 0;
        rows[row] ??= [];
      }
      const line = (rows[row] ??= []);
      line[column] = character;
      column += 1;
      // The second column of a wide character.
      if (/[\p{Script=Han}\p{Script=Hangul}\p{Emoji_Presentation}]/u.test(character)) {
        line[column] = '';
        column += 1;
      }
    }
  }
  return rows.map((cells) => Array.from(cells, (cell) => cell ?? ' ').join(''));
}
