import type { Exchange } from '../http/exchange.ts';
import { sendJson, sendProblem } from '../http/reply.ts';

/**
 * Sends a sorted list of names, or the page that `n` and `last` ask for with a link to the next (OCI distribution
 * specification, "Listing Tags").
 */
export function sendPage(
  exchange: Exchange,
  names: readonly string[],
  documentOf: (page: readonly string[]) => unknown,
): void {
  const { query, response, request } = exchange;
  const [n, last] = [query.get('n'), query.get('last')];
  if (n !== null && !/^\d{1,9}$/.test(n)) {
    const message = '"n" is not a whole number';
    return sendProblem(response, 400, { code: 'PAGINATION_NUMBER_INVALID', message });
  }
  const rest = last === null ? names : names.filter((name) => name > last);
  const page = n === null ? rest : rest.slice(0, Number(n));
  const end = page.at(-1);
  if (end === undefined || page.length === rest.length) return sendJson(exchange, documentOf(page));
  const next = new URLSearchParams(query);
  next.set('last', end);
  const [path = ''] = (request.url ?? '').split('?');
  sendJson(exchange, documentOf(page), { link: `<${path}?${next.toString()}>; rel="next"` });
}
