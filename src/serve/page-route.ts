import type { Route } from './exchange.ts';
import { sendText } from './not-found.ts';
import { type Overview, overviewOf } from './overview.ts';
import { sendBytes } from './reply.ts';
import type { Library } from './library.ts';

/** Makes the page for people; `origin` is how this server is reached, `http://HOST`. */
export type PageRenderer = (overview: Overview, options: { readonly origin: string }) => string;

/** A page of ours asks for nothing from anywhere. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

/** Returns the route of `/`: the page, or, without a renderer, the same as plain text. */
export function pageRoute(library: Library, render: PageRenderer | undefined): Route {
  let known: Promise<Overview> | undefined;
  return {
    name: 'page',
    handle: async (exchange) => {
      known ??= overviewOf(library);
      // What failed is tried again the next time.
      known.catch(() => (known = undefined));
      const overview = await known;
      if (render === undefined) return sendText(exchange, textOf(overview));
      sendBytes(exchange, 200, {
        type: 'text/html; charset=utf-8',
        bytes: render(overview, { origin: exchange.origin }),
        headers: { 'content-security-policy': POLICY, 'referrer-policy': 'no-referrer' },
      });
    },
  };
}

function textOf({ holdings, items }: Overview): string {
  return [
    ...holdings.map(({ name, root }) => `${name} ${root ?? ''}`.trimEnd()),
    '',
    ...items.flatMap(({ kind, name, digest, files = [] }) => [
      `${kind} ${name} ${digest}`,
      ...files.flatMap(({ path }) => (path === undefined ? [] : [`  ${path}`])),
    ]),
    '',
  ].join('\n');
}
