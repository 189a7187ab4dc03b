/**
 * Returns a URL that is safe for messages: without user, password, query and fragment, any of which may be a credential. When a
 * password has characters that break a URL, such as a slash, everything that may be part of it goes too.
 */
export function redactUrl(url: string | URL): string {
  const parsed = typeof url === 'string' ? URL.parse(url) : url;
  if (parsed !== null && isMeant(parsed)) return `${parsed.protocol}//${parsed.host}${parsed.pathname}`;
  // Keep what helps to find it in a spec file; drop what could be secret.
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/|\/\/)?(.*)$/is.exec(String(url)) ?? [];
  const query = rest.search(/[?#]/);
  const at = rest.lastIndexOf('@');
  if (query !== -1 && at > query) return `${scheme}…`;
  const plain = rest.slice(at + 1, query === -1 ? undefined : query);
  const isOdd = /[/\\]/.test(rest.slice(0, Math.max(at, 0)));
  return `${scheme}${isOdd ? '…@' : ''}${plain}`.slice(0, 200);
}

/**
 * Returns whether a URL parsed as its author meant it. A password with a slash, a question mark or a number sign breaks it: the
 * user ends up as the host, the start of the password as the port, and an `@` follows.
 */
function isMeant(url: URL): boolean {
  // Without a host, the colon belongs to something else, such as `user:password@host`.
  if (url.host === '') return false;
  const behind = `${url.pathname}${url.search}${url.hash}`;
  const at = behind.lastIndexOf('@');
  if (at === -1) return true;
  // A host with a dot and no port is no user: the rest is a package name, such as `/npm/left-pad@1.3.0`.
  const isHost = url.hostname.includes('.') && url.port === '' && url.username === '' && url.password === '';
  return isHost && !behind.slice(0, at).includes(':');
}
