import { type Markup, markup } from './markup.ts';

/** Returns a button that copies the text of the element before it; `what` names that for those who do not see it. */
export function copyButton(what: string): Markup {
  return markup`<button type="button" class="copy">
    <span>Copy</span><span class="unseen"> ${what}</span>
  </button>`;
}
