import { type Digest, digestOf } from '../oci/digest.ts';
import { entityTag, isKnownToClient } from './http/entity-tag.ts';
import type { Exchange, Route } from './http/exchange.ts';
import type { Library } from './holdings/library.ts';
import type { Overview, ServedKit } from '../page/overview.ts';
import { overviewOf } from './holdings/overview.ts';
import { type PageFrame, renderContents, renderFrame } from '../page/page.ts';
import { POLICY } from '../page/policy.ts';

/** What is served, as HTML and as text. Each makes up most of an answer, so all waiting clients share one copy. */
interface Contents {
  readonly overview: Overview;
  readonly html: Piece;
  readonly text: Piece;
}

interface Piece {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
}

/** Returns the route of `/`: a page for clients that ask for HTML, as browsers do, and plain text for all others. */
export function pageRoute(library: Library, kit?: ServedKit): Route {
  let known: Promise<Contents> | undefined;
  return {
    name: 'page',
    handle: async (exchange) => {
      known ??= contentsOf(library, kit);
      // Do not cache a failure: the next request tries again.
      known.catch(() => (known = undefined));
      sendPage(exchange, await known);
    },
  };
}

async function contentsOf(library: Library, kit: ServedKit | undefined): Promise<Contents> {
  const overview = await overviewOf(library, kit);
  return { overview, html: pieceOf(renderContents(overview)), text: pieceOf(textOf(overview)) };
}

function pieceOf(text: string): Piece {
  const bytes = Buffer.from(text);
  return { bytes, digest: digestOf(bytes) };
}

function sendPage(exchange: Exchange, contents: Contents): void {
  const { request, response, method, origin } = exchange;
  const isHtml = /\btext\/html\b/i.test(request.headers.accept ?? '');
  // A client that sent a password needed it, so the commands on the page will need one too.
  const hasPassword = request.headers.authorization !== undefined;
  const { bytes, digest } = isHtml ? contents.html : contents.text;
  const frame = isHtml ? renderFrame(contents.overview, { origin, hasPassword }) : NO_FRAME;
  const [before, after] = [Buffer.from(frame.before), Buffer.from(frame.after)];
  // The page depends only on these, so they make a sufficient cache key.
  const tag = digestOf([digestOf(before), digest, digestOf(after)].join(' '));
  const headers = {
    etag: entityTag(tag),
    'cache-control': 'no-cache',
    vary: 'accept, authorization',
    'content-security-policy': POLICY,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
  if (isKnownToClient(request.headers, tag)) {
    response.writeHead(304, headers).end();
    return;
  }
  response.writeHead(200, {
    ...headers,
    'content-type': `text/${isHtml ? 'html' : 'plain'}; charset=utf-8`,
    'content-length': before.length + bytes.length + after.length,
  });
  if (method === 'GET') for (const part of [before, bytes, after]) response.write(part);
  response.end();
}

const NO_FRAME: PageFrame = { before: '', after: '' };

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
