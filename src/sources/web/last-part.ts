/** Returns the last part of a URL's path, decoded where it can be. */
export function lastPartOf(url: string): string {
  const last = new URL(url).pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(last);
  } catch {
    // A stray percent sign: take the name as written.
    return last;
  }
}
