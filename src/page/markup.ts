/** Markup that may be sent as it is: only {@link markup} makes it, so text that was not escaped cannot be taken for it. */
export interface Markup {
  readonly text: string;
}

type Part = Markup | readonly Markup[] | string | number;

/** Returns markup; every text put into the template is escaped, for elements and for quoted attributes alike. */
export function markup(template: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { text: String.raw({ raw: template }, ...parts.map(markupOf)) };
}

/** Returns what is written by us, a style sheet or a script, as it stands. Never for anything that was read. */
export function verbatim(source: string): Markup {
  return { text: source };
}

function markupOf(part: Part): string {
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return 'text' in part ? part.text : part.map(({ text }) => text).join('');
}

const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** What is invisible or turns the reading direction is shown as its number: a name must look like what it is. */
function escaped(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => REFERENCES[character] ?? '')
    .replace(
      /(?![\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
      (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
    );
}
