import { formatBytes, formatCount } from '../internal/format.ts';
import type { Overview } from './overview.ts';
import { type Address, addressOf } from './address.ts';
export { addressOf } from './address.ts';
import { bundleSection } from './bundle-section.ts';
import { clientSection } from './client-section.ts';
import { clientsOf } from './clients.ts';
import { type Markup, markup, verbatim } from './markup.ts';
import { itemSection } from './item-section.ts';
import { pullSection } from './pull.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';

export interface PageOptions {
  /** The origin of this server, `http://HOST`; empty when unknown. */
  readonly origin: string;
  readonly hasPassword?: boolean | undefined;
}

/** The favicon: two bags over a back. */
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath fill='%238a4513' d='M1 6h6v8H1zM9 6h6v8H9zM3 2h10v3H3z'/%3E%3C/svg%3E";

/** The page in pieces, in order. */
export interface PageFrame {
  readonly before: string;
  readonly after: string;
}

/**
 * Returns the page for people: one self-contained HTML document. It depends only on the arguments, and everything from a
 * bundle or a request is escaped.
 *
 * @visibleForTesting
 */
export function renderPage(overview: Overview, options: PageOptions): string {
  const { before, after } = renderFrame(overview, options);
  return `${before}${renderContents(overview)}${after}`;
}

/** Returns the largest part of the page, which is the same for every visitor. */
export function renderContents(overview: Overview): string {
  return itemSection(overview).text;
}

/** Returns the frame around the contents. */
export function renderFrame(overview: Overview, { origin, hasPassword = false }: PageOptions): PageFrame {
  const address = addressOf(origin);
  return {
    before: beforeContents(overview, { address, hasPassword }).text,
    after: afterContents(address).text,
  };
}

function beforeContents(
  overview: Overview,
  { address, hasPassword }: { readonly address: Address; readonly hasPassword: boolean },
): Markup {
  const title = overview.holdings.map(({ name, type, file }) => (type === 'layout' ? file : name)).join(', ');
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Saddlebag</title>
<link rel="icon" href="${verbatim(ICON)}">
<style>${verbatim(STYLE)}</style>
</head>
<body>
<a class="skip" href="#contents">Skip to the contents</a>
<header>
<h1><bdi>${title}</bdi></h1>
${summaryOf(overview)}
<nav aria-label="On this page">
<ul>
<li><a href="#bundles">${overview.holdings.length === 1 ? 'Bundle' : 'Bundles'}</a></li>
<li><a href="#clients">Commands</a></li>
<li><a href="#contents">Contents</a></li>
</ul>
</nav>
</header>
<main>
${bundleSection(overview)}
${clientSection(clientsOf({ overview, address, hasPassword }), address)}
${pullSection({ overview, address, hasPassword })}
`;
}

function afterContents({ origin }: Address): Markup {
  return markup`
</main>
<footer>
<p class="quiet">Served by Saddlebag, read in place. This server is read-only. <code>${origin}/v2/</code> is the registry.</p>
</footer>
<p id="copied" class="unseen" role="status" aria-live="polite"></p>
<script>${verbatim(SCRIPT)}</script>
</body>
</html>
`;
}

function summaryOf({ holdings, items }: Overview): Markup {
  const bytes = holdings.reduce((sum, holding) => sum + holding.bytes, 0);
  const where = holdings.length === 1 ? '' : ` in ${formatCount(holdings.length, 'bundle')}`;
  return markup`<p class="quiet">${formatCount(items.length, 'item')}${where}, ${formatBytes(bytes)}</p>`;
}
