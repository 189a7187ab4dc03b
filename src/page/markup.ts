/** Markup that is safe to send as it is: only {@link markup} makes it, so unescaped text cannot pass for it. */
export interface Markup {
  readonly text: string;
}

type Part = Markup | readonly Markup[] | string | number;

/** Returns markup; text put into the template is escaped for both elements and quoted attributes. */
export function markup(template: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { text: String.raw({ raw: template }, ...parts.map(markupOf)) };
}

/** Returns our own style sheet or script unescaped. Never pass it anything that was read. */
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

/** Invisible characters and bidi controls are shown as code points: a name must look like what it is. */
function escaped(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => REFERENCES[character] ?? '')
    .replace(
      /(?![\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
      (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
    );
}
