import type { HttpResponse } from '../../internal/http/http.ts';

/** One link of a `Link` header with its parameters (RFC 8288, section 3). */
const LINK = /<([^<>]*)>((?:\s*;\s*[\w*-]+\s*(?:=\s*(?:"[^"]*"|[^\s",;]+))?)*)/g;
const NEXT = /;\s*rel\s*=\s*(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next(?=[\s;]|$))/i;

/**
 * Returns the query of the link to the next page, with its question mark; `undefined` on the last page. Of a link only the
 * query counts: many registries get their own host or path wrong behind a proxy, and nobody else is ever asked.
 */
export function nextQuery({ headers, url }: Pick<HttpResponse, 'headers' | 'url'>): string | undefined {
  const links = [...(headers['link'] ?? '').slice(0, 16_384).matchAll(LINK)];
  const target = links.find(([, , parameters = '']) => NEXT.test(parameters))?.[1];
  if (target === undefined || !URL.canParse(target, url)) return undefined;
  const { searchParams } = new URL(target, url);
  // The session adds the registry's name itself where a mirror needs it.
  searchParams.delete('ns');
  return searchParams.size === 0 ? undefined : `?${searchParams.toString()}`;
}
