/** Returns a URL fit for messages: without user, password, query and fragment, any of which may hold a credential. */
export function redactUrl(url: string | URL): string {
  const parsed = typeof url === 'string' ? URL.parse(url) : url;
  // Without a host it is a mere colon in something else, such as `user:password@host`.
  if (parsed !== null && parsed.host !== '') return `${parsed.protocol}//${parsed.host}${parsed.pathname}`;
  // Not an address at all: keep what helps to find it in a spec file, drop what could be a secret.
  return String(url)
    .replace(/[?#].*$/s, '')
    .replace(/\/\/[^/]*@/, '//')
    .replace(/^[^/]*@/, '')
    .slice(0, 200);
}
