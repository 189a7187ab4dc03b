/** What fills two columns: East Asian scripts, full-width forms and pictures (Unicode, annex 11). */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Yi}\p{Emoji_Presentation}\u3000-\u303E\u30FC\uFF01-\uFF60\uFFE0-\uFFE6]/u;
/** What fills none when it stands alone: it would join the character before. */
const NARROW = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
const PLAIN = /^[ -~]*$/;
/** Letters with all that joins them. */
const SEGMENTER = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Returns the columns that text fills on a terminal. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  return lettersOf(text).reduce((sum, letter) => sum + widthOfLetter(letter), 0);
}

/** Returns text that fills at most `columns`: both of its ends stay, because a name's host and its tag tell most. */
export function shortened(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  if (columns < 1) return '';
  const room = columns - 1;
  const letters = lettersOf(text);
  const tail = fitting(letters.toReversed(), Math.ceil(room / 2))
    .toReversed()
    .join('');
  return `${fitting(letters, room - widthOf(tail)).join('')}…${tail}`;
}

function fitting(letters: readonly string[], columns: number): readonly string[] {
  let left = columns;
  const end = letters.findIndex((letter) => (left -= widthOfLetter(letter)) < 0);
  return letters.slice(0, end === -1 ? letters.length : end);
}

function lettersOf(text: string): readonly string[] {
  return Array.from(SEGMENTER.segment(text), ({ segment }) => segment);
}

function widthOfLetter(letter: string): number {
  // A selector asks for the picture of what is a letter otherwise.
  if (WIDE.test(letter) || letter.includes('\uFE0F')) return 2;
  return NARROW.test(letter) ? 0 : 1;
}
