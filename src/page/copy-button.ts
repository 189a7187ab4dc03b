import { type Markup, markup } from './markup.ts';

/** Returns a button that copies the text of the preceding element; `what` names that text for screen readers. */
export function copyButton(what: string): Markup {
  return markup`<button type="button" class="copy">
    <span>Copy</span><span class="unseen"> ${what}</span>
  </button>`;
}
