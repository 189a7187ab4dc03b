/** A digest behind an image's name: the one thing an `@` begins that no password ends with. */
const DIGEST = /@sha(?:256|512):[\w=-]*$/;

/**
 * Returns a text that somebody wrote, fit for messages: without what may be a user and a password in it, and without
 * queries, which may be credentials as well. A password may hold any character, so where a text is not known to be a URL
 * it ends at the last `@`.
 */
export function withoutCredentials(text: string): string {
  const digest = DIGEST.exec(text)?.[0] ?? '';
  const named = text.slice(0, text.length - digest.length);
  const slashes = named.indexOf('://');
  if (slashes === -1) return `${withoutUser(named)}${digest}`;
  const start = slashes + '://'.length;
  return `${named.slice(0, start)}${withoutUserAndQuery(named.slice(start))}${digest}`;
}

/** Without a scheme, an `@` with no colon before it is a mere character, as in the name of a package. */
function withoutUser(text: string): string {
  const at = text.lastIndexOf('@');
  return text.slice(0, Math.max(at, 0)).includes(':') ? `…${text.slice(at)}` : text;
}

function withoutUserAndQuery(text: string): string {
  const query = text.search(/[?#]/);
  const at = text.lastIndexOf('@');
  // A password with a question mark, or a query with an `@`: either way nothing behind it can be shown.
  if (query !== -1 && at > query) return '…';
  const plain = query === -1 ? text : `${text.slice(0, query + 1)}…`;
  return at === -1 ? plain : `…${plain.slice(at)}`;
}
