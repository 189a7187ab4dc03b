import type { IncomingMessage } from 'node:http';

/** Longest path with query (characters): a name, a digest and a host need less than a quarter of it. */
const PATH_LIMIT = 2048;

/** The target of a request, or the status and reason to refuse it. */
export type RequestPath =
  | { readonly parts: readonly string[]; readonly query: URLSearchParams }
  | { readonly status: 400 | 414; readonly fact: string };

/**
 * Parses a request target. It splits before it decodes, so an encoded slash never separates two segments. Nothing is
 * normalised: no honest client sends a path with `..`.
 */
export function parseRequestPath(target: string): RequestPath {
  if (target.length > PATH_LIMIT)
    return { status: 414, fact: `the path has more than ${PATH_LIMIT} characters` };
  if (!target.startsWith('/')) return { status: 400, fact: 'the target is not a path' };
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  const query = new URLSearchParams(mark === -1 ? '' : target.slice(mark + 1));
  const raw = path.slice(1).split('/');
  if (raw.at(-1) === '') raw.pop();
  const parts: string[] = [];
  for (const text of raw) {
    const part = decodePart(text);
    if (part === undefined) return { status: 400, fact: `${JSON.stringify(text)} cannot be part of a path` };
    parts.push(part);
  }
  return { parts, query };
}

/** Returns `http://HOST` from a valid `Host` header; without one, answers contain paths without a host. */
export function originOf(request: IncomingMessage, scheme: 'http' | 'https'): string {
  const host = request.headers.host ?? '';
  return /^[A-Za-z0-9.-]+(:\d{1,5})?$|^\[[0-9A-Fa-f:.]+\](:\d{1,5})?$/.test(host)
    ? `${scheme}://${host}`
    : '';
}

function decodePart(text: string): string | undefined {
  try {
    const part = decodeURIComponent(text);
    const isSafe = part !== '' && part !== '.' && part !== '..' && !/[/\\\p{Cc}]/u.test(part);
    return isSafe ? part : undefined;
  } catch {
    // A percent sign that encodes nothing.
    return undefined;
  }
}
