import { formatBytes, formatCount } from '../internal/format.ts';
import type { About } from '../oci/about/about.ts';
import { aboutRows } from '../oci/about/rows.ts';
import type { Overview, ServedSignature } from './overview.ts';
import { copyButton } from './copy-button.ts';
import { type Markup, markup } from './markup.ts';

/** Returns the served bundles, each with its root digest, the one string that covers every byte of it. */
export function bundleSection({ holdings }: Overview): Markup {
  return markup`<section id="bundles" aria-labelledby="bundles-title">
    <h2 id="bundles-title">${holdings.length === 1 ? 'Bundle' : 'Bundles'}</h2>
    ${holdings.map(bundleCard)}
  </section>`;
}

function bundleCard({
  name,
  type,
  file,
  root,
  bytes,
  signature,
  about = {},
}: Overview['holdings'][number]): Markup {
  const proof =
    root === undefined
      ? markup`<p class="quiet">An OCI image layout: it has no root digest.</p>`
      : markup`<p>Root digest <code>${root}</code>${copyButton(`the root digest of ${name}`)}</p>
          <p class="quiet">Compare it with the one you were given. <code>bundle verify</code> prints it.</p>`;
  return markup`<div class="card">
    <h3><bdi>${type === 'layout' ? file : name}</bdi></h3>
    <p class="quiet"><bdi>${file}</bdi>, ${formatBytes(bytes)}</p>
    ${aboutList(about)}
    ${proof}
    ${signature === undefined ? [] : signatureNote(signature)}
  </div> `;
}

/** Who reads the page must not take a signature for checked that was not. */
function signatureNote({ state, keys }: ServedSignature): Markup {
  if (state === 'none') return markup`<p>Not signed.</p>`;
  if (state === 'wrong')
    return markup`<p>Its signature is broken: it does not have the form of a signature.</p>`;
  const list = keys.map(
    (key) =>
      markup`<li>${key === undefined ? 'a key that it does not name' : markup`<code>${key}</code>`}</li>`,
  );
  const [fact, advice] =
    state === 'proven'
      ? [
          'Signed, and checked when this server started, by a key that is trusted on its host:',
          'To check it with a key of your own:',
        ]
      : [
          `${formatCount(keys.length, 'signature')}, not checked by this server. Said to be by:`,
          'Trust it only after',
        ];
  return markup`<p>${fact}</p>
    <ul class="keys">${list}</ul>
    <p class="quiet">${advice} <code>bundle verify --key KEY.pub</code></p>`;
}

/** An address is no link here: there is no internet to follow it to. */
function aboutList(about: About): Markup {
  const rows = aboutRows(about);
  if (rows.length === 0) return markup``;
  return markup`<dl>
      ${rows.map(([what, text]) => markup`<dt>${what}</dt><dd><bdi>${text}</bdi></dd>`)}
    </dl>`;
}
