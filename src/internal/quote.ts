/** Quotes foreign text so that none of its control characters reaches a terminal, and truncates it. */
export function quote(text: string): string {
  const short = text.length > 300 ? `${text.slice(0, 300)}…` : text;
  const visible = (character: string): string => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  return JSON.stringify(short).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, visible);
}
