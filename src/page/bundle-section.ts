import { formatBytes } from '../internal/format.ts';
import type { Overview } from './overview.ts';
import { copyButton } from './copy-button.ts';
import { type Markup, markup } from './markup.ts';

/** Returns the served bundles, each with its root digest, the one string that covers every byte of it. */
export function bundleSection({ holdings }: Overview): Markup {
  return markup`<section id="bundles" aria-labelledby="bundles-title">
    <h2 id="bundles-title">${holdings.length === 1 ? 'Bundle' : 'Bundles'}</h2>
    ${holdings.map(bundleCard)}
  </section>`;
}

function bundleCard({ name, type, file, root, bytes }: Overview['holdings'][number]): Markup {
  const proof =
    root === undefined
      ? markup`<p class="quiet">An OCI image layout: it has no root digest.</p>`
      : markup`<p>Root digest <code>${root}</code>${copyButton(`the root digest of ${name}`)}</p>
          <p class="quiet">Compare it with the one you were given. <code>bundle verify</code> prints it.</p>`;
  return markup`<div class="card">
    <h3><bdi>${type === 'layout' ? file : name}</bdi></h3>
    <p class="quiet"><bdi>${file}</bdi>, ${formatBytes(bytes)}</p>
    ${proof}
  </div> `;
}
