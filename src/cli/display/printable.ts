/** C0 and C1 controls except line feed and tab, and bidi controls: a terminal acts on these. */
// oxlint-disable-next-line no-control-regex -- control characters are what this is about
const ACTING = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;

/**
 * Returns text that a terminal displays without acting on it. Names from a bundle and text from a server reach the screen,
 * and an escape sequence in them could clear it or forge a line.
 */
export function printable(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(ACTING, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
