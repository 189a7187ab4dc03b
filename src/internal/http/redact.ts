/**
 * Returns a URL fit for messages: without user, password, query and fragment, any of which may hold a credential. What
 * somebody wrote with a password that a URL cannot hold as it is, such as one with a slash, loses all that may be of it.
 */
export function redactUrl(url: string | URL): string {
  const parsed = typeof url === 'string' ? URL.parse(url) : url;
  if (parsed !== null && isMeant(parsed)) return `${parsed.protocol}//${parsed.host}${parsed.pathname}`;
  // Keep what helps to find it in a spec file, drop what could be a secret.
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/|\/\/)?(.*)$/is.exec(String(url)) ?? [];
  const query = rest.search(/[?#]/);
  const at = rest.lastIndexOf('@');
  if (query !== -1 && at > query) return `${scheme}…`;
  const plain = rest.slice(at + 1, query === -1 ? undefined : query);
  const isOdd = /[/\\]/.test(rest.slice(0, Math.max(at, 0)));
  return `${scheme}${isOdd ? '…@' : ''}${plain}`.slice(0, 200);
}

/**
 * Returns whether a URL says what was meant. One that was written with a slash, a question mark or a number sign in its
 * password has the user in place of its host, the beginning of the password in place of its port, and an `@` behind them.
 */
function isMeant(url: URL): boolean {
  // Without a host it is a mere colon in something else, such as `user:password@host`.
  if (url.host === '') return false;
  const behind = `${url.pathname}${url.search}${url.hash}`;
  const at = behind.lastIndexOf('@');
  if (at === -1) return true;
  // A host with a dot and without a port is no user: what follows is the name of a package, such as `/npm/left-pad@1.3.0`.
  const isHost = url.hostname.includes('.') && url.port === '' && url.username === '' && url.password === '';
  return isHost && !behind.slice(0, at).includes(':');
}
