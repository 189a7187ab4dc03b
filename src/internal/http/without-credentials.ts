/** A digest after an image's name: the one use of `@` that no password ends with. */
const DIGEST = /@sha(?:256|512):[\w=-]*$/;

/**
 * Returns user-written text that is safe for messages: without anything that may be a user and a password, and without queries,
 * which may be credentials too. A password may contain any character, so in a text that may not be a URL it ends at the last
 * `@`.
 */
export function withoutCredentials(text: string): string {
  const digest = DIGEST.exec(text)?.[0] ?? '';
  const named = text.slice(0, text.length - digest.length);
  const slashes = named.indexOf('://');
  if (slashes === -1) return `${withoutUser(named)}${digest}`;
  const start = slashes + '://'.length;
  return `${named.slice(0, start)}${withoutUserAndQuery(named.slice(start))}${digest}`;
}

/** Without a scheme, an `@` with no colon before it is an ordinary character, as in a package name. */
function withoutUser(text: string): string {
  const at = text.lastIndexOf('@');
  return text.slice(0, Math.max(at, 0)).includes(':') ? `…${text.slice(at)}` : text;
}

function withoutUserAndQuery(text: string): string {
  const query = text.search(/[?#]/);
  const at = text.lastIndexOf('@');
  // Either a password with a question mark or a query with an `@`: nothing after it is safe to show.
  if (query !== -1 && at > query) return '…';
  const plain = query === -1 ? text : `${text.slice(0, query + 1)}…`;
  return at === -1 ? plain : `…${plain.slice(at)}`;
}
